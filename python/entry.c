#include "entry.h"
#include "capi.h"
#include <stdlib.h>

unsigned int refusals;

/* Entries between two calls, under the GIL. */
static struct entry *spare;

struct entry *entry_push(enum python_code python) {
    struct entry *e = spare;
    if (e)
        spare = e->outer;
    else if (!(e = malloc(sizeof *e)))
        return NULL;
    e->python = python;
    e->abandoned = 0;
    e->outer = entered;
    entered = e;
    return e;
}

void entry_pop(struct entry *e) {
    struct entry *next = e->outer;
    if (entered == e) {
        while (next && next->abandoned)
            next = next->outer;
        entered = next;
    }
    if (e->abandoned)
        return; /* others may lie above it */
    e->outer = spare;
    spare = e;
}

/* The frames between here and the start are Go's and this library's C, never the
 * interpreter's, which has an entry of its own above each of its calls to us. C
 * that Go calls runs on the thread's own stack, so the start is further up on it. */
void entry_leave(struct entry *e) {
    if (!e)
        return;
    if (forked)
        longjmp(e->start, LEFT_FORKED);
    retired = this_thread.abandoned = 1;
    e->abandoned = 1;
    longjmp(e->start, LEFT_ABANDONED);
}

/* in_greenlet reports whether this thread is in a greenlet that isn't its main one.
 *
 * Such a greenlet can be suspended for as long as it likes while others dump. As long
 * as only the main greenlets of threads have Python code above Go's frames, these
 * frames end in order, since what the others do in Go they finish before they switch. */
static int in_greenlet(void) {
    static PyObject *name, *parent;
    PyObject *module, *getcurrent, *current, *above, *t, *v, *tb;
    int is = 0;
    if (!name && !(name = unguarded.PyUnicode_InternFromString("greenlet")))
        return 0;
    if (!parent && !(parent = unguarded.PyUnicode_InternFromString("parent")))
        return 0;
    unguarded.PyErr_Fetch(&t, &v, &tb);
    module = unguarded.PyImport_GetModule(name); /* an exception when the interpreter ends */
    if (module && (getcurrent = unguarded.PyObject_GetAttrString(module, "getcurrent"))) {
        if ((current = unguarded.PyObject_CallNoArgs(getcurrent))) {
            if ((above = unguarded.PyObject_GetAttr(current, parent))) {
                is = above != unguarded._Py_NoneStruct;
                unguarded.Py_DecRef(above);
            }
            unguarded.Py_DecRef(current);
        }
        unguarded.Py_DecRef(getcurrent);
    }
    if (module)
        unguarded.Py_DecRef(module);
    unguarded.PyErr_Clear();
    unguarded.PyErr_Restore(t, v, tb);
    return is;
}

int entry_allowed(struct entry *e) {
    if (e->python == NOT_ASKED)
        e->python = in_greenlet() ? NOT_HERE : ALLOWED;
    return e->python == ALLOWED;
}

int entry_refuse(struct entry *e) {
    if (entry_allowed(e))
        return 0;
    if (e->python != REFUSED) {
        e->python = REFUSED;
        refusals++;
    }
    if (!unguarded.PyErr_Occurred())
        unguarded.PyErr_SetString(*unguarded.PyExc_RuntimeError,
                                  "gocloudpickle: Python code can't run here, see entry.h");
    return 1;
}
