/* Code objects of another minor version of CPython, whose opcodes mean something else here: to
 * call one ends the process, and since 3.12 even making one writes past its end (the
 * interpreter puts quicker opcodes and their caches in, Python/specialize.c). */
#include "load.h"
#include "layout.h"
#include <stdio.h>

enum { N_LAYOUTS = sizeof layouts / sizeof *layouts };

/* Whether all opcodes are some of the version, with room for their caches, which are zero. */
static int fits(const struct layout *l, const uint8_t *code, Py_ssize_t size) {
    Py_ssize_t i = 0, end;
    while (i < size) {
        unsigned caches = l->caches[code[i]];
        if (caches == NO_OPCODE)
            return 0;
        i += 2;
        end = i + 2 * (Py_ssize_t)caches;
        if (end > size)
            return 0;
        for (; i < end; i += 2)
            if (code[i])
                return 0;
    }
    return 1;
}

static Py_ssize_t skip(const uint8_t *code, Py_ssize_t size, Py_ssize_t i, uint8_t before, uint8_t op) {
    Py_ssize_t at = i + 1 < size && code[i] == before ? i + 2 : i;
    return at + 1 < size && code[at] == op ? at + 2 : i;
}

/* Whether it begins as the version's compiler begins a code object (Python/compile.c and, since
 * 3.13, flowgraph.c: insert_prefix_instructions): with RESUME, behind what makes the frame ready. */
static int begins(const struct layout *l, const uint8_t *code, Py_ssize_t size) {
    Py_ssize_t i = skip(code, size, 0, l->extended_arg, l->copy_free_vars), next;
    while ((next = skip(code, size, i, l->extended_arg, l->make_cell)) != i)
        i = next;
    if (i + 3 < size && code[i] == l->return_generator && code[i + 2] == l->pop_top)
        i += 4;
    return i < size && code[i] == l->resume;
}

static int is_of(int minor, const uint8_t *code, Py_ssize_t size) {
    const struct layout *l = layouts + minor - OLDEST_LAYOUT;
    return fits(l, code, size) && begins(l, code, size);
}

/* Code that no version's compiler has made is taken: whoever made it knows what for. Code that
 * doesn't fit is not. */
int foreign_code(int minor, const uint8_t *code, Py_ssize_t size, char *others, size_t room) {
    int other, n = 0;
    if (is_strict() || size <= 0 || size % 2 || minor < OLDEST_LAYOUT || minor >= OLDEST_LAYOUT + N_LAYOUTS)
        return 0;
    if (is_of(minor, code, size))
        return 0;
    for (other = OLDEST_LAYOUT; other < OLDEST_LAYOUT + N_LAYOUTS; other++)
        if (other != minor && is_of(other, code, size))
            n += snprintf(others + n, room - n, n ? " or 3.%d" : "3.%d", other);
    if (n)
        return 1;
    snprintf(others, room, "another version");
    return !fits(layouts + minor - OLDEST_LAYOUT, code, size);
}
