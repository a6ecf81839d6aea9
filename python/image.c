#define _GNU_SOURCE
#include "image.h"
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

/* Where a page of the file is touched, the kernel maps those around it that are in its cache
 * (fault_around_bytes), which is soon all of the library: some megabytes in what monitors of
 * memory, Dask's and Ray's among them, take for the process's own.
 *
 * Only segments that are never written are given back: what is in them is what the file has.
 * A segment with relocations is writable here, also where it is protected later (PT_GNU_RELRO). */
static int give_back(struct dl_phdr_info *info, size_t size, void *own) {
    size_t page = sysconf(_SC_PAGESIZE);
    int is_own = 0;
    (void)size;
    if (!info->dlpi_name[0]) /* a Go program that hosts Python */
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        ElfW(Addr) start = info->dlpi_addr + h->p_vaddr;
        is_own |= h->p_type == PT_LOAD && (ElfW(Addr))own - start < h->p_memsz;
    }
    for (int i = 0; is_own && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        ElfW(Addr) start = (info->dlpi_addr + h->p_vaddr) & ~(page - 1);
        if (h->p_type == PT_LOAD && !(h->p_flags & PF_W))
            madvise((void *)start, info->dlpi_addr + h->p_vaddr + h->p_memsz - start, MADV_DONTNEED);
    }
    return is_own;
}

void image_give_back(void) { dl_iterate_phdr(give_back, (void *)(ElfW(Addr))image_give_back); }
