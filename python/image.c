#define _GNU_SOURCE
#include "image.h"
#include <sys/mman.h>
#include <unistd.h>

static int is_own(struct dl_phdr_info *library, size_t size, void *found) {
    ElfW(Addr) here = (ElfW(Addr))&image_find;
    (void)size;
    if (!library->dlpi_name[0]) /* the program itself */
        return 0;
    for (int i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &library->dlpi_phdr[i];
        if (h->p_type == PT_LOAD && here - (library->dlpi_addr + h->p_vaddr) < h->p_memsz) {
            *(struct dl_phdr_info *)found = *library;
            return 1;
        }
    }
    return 0;
}

int image_find(struct dl_phdr_info *found) { return dl_iterate_phdr(is_own, found); }

/* Where a page of the file is touched, the kernel maps those around it that are in its cache
 * (fault_around_bytes), which is soon all of the library: some megabytes in what monitors of
 * memory, Dask's and Ray's among them, take for the process's own.
 *
 * Only segments that are never written are given back: what is in them is what the file has.
 * A segment with relocations is writable here, also where it is protected later (PT_GNU_RELRO). */
void image_give_back(void) {
    size_t page = sysconf(_SC_PAGESIZE);
    struct dl_phdr_info own;
    if (!image_find(&own))
        return;
    for (int i = 0; i < own.dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &own.dlpi_phdr[i];
        ElfW(Addr) end = own.dlpi_addr + h->p_vaddr + h->p_memsz;
        ElfW(Addr) start = (own.dlpi_addr + h->p_vaddr) & ~(page - 1);
        if (h->p_type == PT_LOAD && !(h->p_flags & PF_W))
            madvise((void *)start, end - start, MADV_DONTNEED);
    }
}
