/* Code objects, from the nodes of types.CodeType's arguments. */
#include "load.h"
#include <limits.h>
#include <stdio.h>

/* The arguments of types.CodeType, in its order. */
enum argument {
#define X(name, since) name,
    CODE_ARGUMENTS(X)
#undef X
    N_ARGUMENTS
};
static const uint8_t since[N_ARGUMENTS] = {
#define X(name, since) since,
    CODE_ARGUMENTS(X)
#undef X
};

/* Its parameters, but for 3.10's, which lack the two. */
typedef PyObject *(*code_function)(int, int, int, int, int, int, PyObject *, PyObject *, PyObject *, PyObject *,
                                   PyObject *, PyObject *, PyObject *, PyObject *, PyObject *, int, PyObject *,
                                   PyObject *);
typedef PyObject *(*code_function_310)(int, int, int, int, int, int, PyObject *, PyObject *, PyObject *, PyObject *,
                                       PyObject *, PyObject *, PyObject *, PyObject *, int, PyObject *);

/* PyCode_NewWithPosOnlyArgs has another name since 3.12. */
static void *constructor(void) {
    return ld.PyUnstable_Code_NewWithPosOnlyArgs ? (void *)ld.PyUnstable_Code_NewWithPosOnlyArgs
                                                 : (void *)ld.PyCode_NewWithPosOnlyArgs;
}

static int small_int(struct node *n) {
    long value;
    if (n->kind != OBJECT || !is_exactly(n->obj, ld.PyLong_Type))
        return -1;
    value = ld.PyLong_AsLong(n->obj);
    if (value == -1)
        ld.PyErr_Clear();
    return value >= 0 && value <= INT_MAX ? (int)value : -1;
}

static int is_text(struct node *n) {
    return n->kind == STR || (n->kind == OBJECT && is_exactly(n->obj, ld.PyUnicode_Type));
}

static int is_bytes(struct node *n) { return n->kind == OBJECT && is_exactly(n->obj, ld.PyBytes_Type); }

/* code_new_impl in Objects/codeobject.c copies these tuples, since names are interned
 * in place. One that nothing else refers to need not be. */
static int are_names(struct node *n) {
    uint32_t i;
    if (n == &node_empty)
        return 1;
    if (!is_deferred(n, TUPLE))
        return 0;
    for (i = 0; i < n->n; i++)
        if (!is_text(n->items[i]))
            return 0;
    return 1;
}

static Py_ssize_t size_of(struct node *names) { return names == &node_empty ? 0 : names->n; }

/* Whether code_new_impl would take these arguments as they are. */
static int are_usual(struct node **args, int *numbers) {
    int i;
    for (i = 0; i < N_ARGUMENTS; i++) {
        switch (i) {
        case CODE:
        case LINETABLE:
            if (!is_bytes(args[i]))
                return 0;
            break;
        case EXCEPTIONTABLE:
            if (args[i] && !is_bytes(args[i]))
                return 0;
            break;
        case CONSTS:
            if (args[i] != &node_empty && args[i]->kind != TUPLE)
                return 0;
            break;
        case NAMES:
        case VARNAMES:
        case FREEVARS:
        case CELLVARS:
            if (!are_names(args[i]))
                return 0;
            break;
        case FILENAME:
        case NAME:
            if (!is_text(args[i]))
                return 0;
            break;
        case QUALNAME:
            if (args[i] && !is_text(args[i]))
                return 0;
            break;
        default:
            if ((numbers[i] = small_int(args[i])) < 0)
                return 0;
        }
    }
    return 1;
}

/* code_arguments is how many arguments CodeType takes in a version. */
static uint32_t code_arguments(int minor) {
    uint32_t n = 0;
    int i;
    for (i = 0; i < N_ARGUMENTS; i++)
        n += since[i] <= minor;
    return n;
}

static PyObject *refuse_foreign(const char *others, int minor) {
    char message[300];
    snprintf(message, sizeof message,
             "a function in it was made by Python %s, and this is Python 3.%d: one minor version can't run the "
             "bytecode of another. Load it with the version that made it, or make it again with this one",
             others, minor);
    return unpickling_error(message);
}

PyObject *make_code(struct event *e) {
    struct node *args[N_ARGUMENTS];
    char others[64];
    PyObject *o[N_ARGUMENTS], *code;
    int n[N_ARGUMENTS], i, minor = minor_version();
    uint32_t from = 0;
    void *make = constructor();
    if (!make || !is_deferred(e->b, TUPLE))
        return NOT_HERE;
    if (e->b->n != code_arguments(minor)) {
        if (is_strict())
            return NOT_HERE;
        if (e->b->n == code_arguments(10))
            return refuse_foreign("3.10 or older", minor);
        if (e->b->n == code_arguments(11))
            return refuse_foreign("3.11 or newer", minor);
        return NOT_HERE;
    }
    for (i = 0; i < N_ARGUMENTS; i++) {
        if (since[i] <= minor && from == e->b->n)
            return NOT_HERE;
        args[i] = since[i] <= minor ? e->b->items[from++] : NULL;
    }
    if (from != e->b->n)
        return NOT_HERE;
    if (is_bytes(args[CODE]) && foreign_code(minor, (const uint8_t *)ld.PyBytes_AsString(args[CODE]->obj),
                                             ld.PyBytes_Size(args[CODE]->obj), others, sizeof others))
        return refuse_foreign(others, minor);
    if (!are_usual(args, n))
        return NOT_HERE;
    for (i = CODE; i < N_ARGUMENTS; i++)
        if (args[i] && i != FIRSTLINENO && !(o[i] = object_of(args[i])))
            return NULL;
    if (ld.PySys_Audit("code.__new__", "OOOiiiiii", o[CODE], o[FILENAME], o[NAME], n[ARGCOUNT], n[POSONLYARGCOUNT],
                       n[KWONLYARGCOUNT], n[NLOCALS], n[STACKSIZE], n[FLAGS]) < 0)
        return NULL;
    if (minor == 10)
        code = ((code_function_310)make)(n[ARGCOUNT], n[POSONLYARGCOUNT], n[KWONLYARGCOUNT], n[NLOCALS], n[STACKSIZE],
                                         n[FLAGS], o[CODE], o[CONSTS], o[NAMES], o[VARNAMES], o[FREEVARS],
                                         o[CELLVARS], o[FILENAME], o[NAME], n[FIRSTLINENO], o[LINETABLE]);
    else
        code = ((code_function)make)(n[ARGCOUNT], n[POSONLYARGCOUNT], n[KWONLYARGCOUNT], n[NLOCALS], n[STACKSIZE],
                                     n[FLAGS], o[CODE], o[CONSTS], o[NAMES], o[VARNAMES], o[FREEVARS], o[CELLVARS],
                                     o[FILENAME], o[NAME], o[QUALNAME], n[FIRSTLINENO], o[LINETABLE],
                                     o[EXCEPTIONTABLE]);
    if (code)
        e->result->free_variables = 1 + size_of(args[FREEVARS]);
    return code;
}
