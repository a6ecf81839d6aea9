/* A Pickler's fields, written as CPython's __init__ writes them (PicklerObject and
 * _pickle_Pickler___init___impl in Modules/_pickle.c, alike from 3.10 to 3.14). They are no
 * API, so that nothing is taken on trust: the numbers are copied from Picklers that CPython has
 * made in this process, and pickler_fill is used only if what it makes is the same, word for
 * word, and dumps. */
#include "pickler_fill.h"
#include "pickler_call.h"
#include "pickler_class.h"
#include <string.h>

#define None (py._Py_NoneStruct)

enum {
    PROTOCOLS = 6,
    HEAD = sizeof(PyObject),
    MEMO = HEAD, /* the first field */
    MAX_SIZE = 256,
    MAX_TABLE = 64,
    EQ = 2, /* Include/object.h */
};

/* PyMemoTable and PyMemoEntry, alike from 3.10 to 3.14. */
struct memo_entry {
    PyObject *key;
    Py_ssize_t value;
};
struct memo_table {
    size_t mask, used, allocated;
    struct memo_entry *table;
};

/* What has been learned; size is 0 where nothing has. */
static struct {
    size_t size, write, output_buffer, dispatch_table;
    size_t entries; /* of a new memo */
    char numbers[PROTOCOLS][MAX_SIZE]; /* without what points somewhere */
} learned;

static PyObject **field(PyObject *self, size_t at) { return (PyObject **)((char *)self + at); }

static struct memo_table **memo_of(PyObject *self) { return (struct memo_table **)field(self, MEMO); }

static struct memo_table *new_memo(void) {
    struct memo_table *memo = unguarded.PyMem_Malloc(sizeof *memo);
    struct memo_entry *table = memo ? unguarded.PyMem_Malloc(learned.entries * sizeof *table) : NULL;
    if (!table) {
        unguarded.PyMem_Free(memo);
        unguarded.PyErr_NoMemory();
        return NULL;
    }
    memset(table, 0, learned.entries * sizeof *table);
    *memo = (struct memo_table){learned.entries - 1, 0, learned.entries, table};
    return memo;
}

static void drop_memo(struct memo_table *memo) {
    unguarded.PyMem_Free(memo->table);
    unguarded.PyMem_Free(memo);
}

/* The protocol as a number, -1 for what isn't usual. */
static long usual_protocol(PyObject *protocol) {
    long n;
    if (protocol->ob_type != py.PyLong_Type)
        return -1;
    n = unguarded.PyLong_AsLong(protocol);
    if (n == -1 && unguarded.PyErr_Occurred())
        unguarded.PyErr_Clear();
    else if (n < 0)
        n = PROTOCOLS - 1;
    return n < PROTOCOLS ? n : -1;
}

/* Whether nothing has been set: persistent_id can be, before __init__. */
static int is_new(PyObject *self) {
    for (size_t at = HEAD; at < learned.size; at += 8)
        if (*field(self, at))
            return 0;
    return 1;
}

enum filled pickler_fill(PyObject *self, PyObject *file, PyObject *protocol, PyObject *callback) {
    PyObject *write, *table, *old;
    struct memo_table *memo;
    long proto;
    if (!learned.size || !is_new(self) || (proto = usual_protocol(protocol)) < 0 || (callback != None && proto < 5))
        return FILL_NOT_USUAL;
    if (!(write = pickler_optional_attribute(file, pickler_names.write_name))) {
        if (!unguarded.PyErr_Occurred())
            unguarded.PyErr_SetString(*py.PyExc_TypeError, "file must have a 'write' attribute");
        return FILL_FAILED;
    }
    if (!(memo = new_memo())) {
        unguarded.Py_DecRef(write);
        return FILL_FAILED;
    }
    if (!is_new(self)) { /* what gave write has made it */
        drop_memo(memo);
        unguarded.Py_DecRef(write);
        return FILL_NOT_USUAL;
    }
    memcpy((char *)self + HEAD, learned.numbers[proto] + HEAD, learned.size - HEAD);
    *memo_of(self) = memo;
    *field(self, learned.write) = write;
    if (callback != None) {
        unguarded.Py_IncRef(callback);
        *field(self, pickler_base.buffer_callback) = callback;
    }
    /* From here on it can be used, as Python code in this can. */
    table = pickler_optional_attribute(self, pickler_names.dispatch_table);
    if (!table && unguarded.PyErr_Occurred())
        return FILL_FAILED;
    old = *field(self, learned.dispatch_table);
    *field(self, learned.dispatch_table) = table;
    if (old)
        unguarded.Py_DecRef(old);
    return FILLED;
}

/* Learning. */

static PyObject *made_by_cpython(PyObject *file, long proto, PyObject *callback) {
    PyObject *protocol = unguarded.PyLong_FromLong(proto), *made;
    if (!protocol)
        return NULL;
    made = unguarded.PyObject_CallFunctionObjArgs(pickler_base.type, file, protocol, py._Py_TrueStruct, callback, NULL);
    unguarded.Py_DecRef(protocol);
    return made;
}

static int is_pointer(size_t at) { return at == MEMO || at == learned.write || at == learned.output_buffer; }

/* Whether a word is two C ints or one number, such as a size: no address. */
static int is_number(int64_t word) {
    return word == -1 || ((uint32_t)word <= 1 << 20 && (uint64_t)word >> 32 <= 1 << 8);
}

static int copy_numbers(PyObject *made, long proto, size_t size) {
    for (size_t at = HEAD; at < size; at += 8) {
        int64_t word;
        memcpy(&word, (char *)made + at, 8);
        if (is_pointer(at))
            word = 0;
        else if (!is_number(word))
            return 0;
        memcpy(learned.numbers[proto] + at, &word, 8);
    }
    return 1;
}

/* Of a Pickler that has not dumped. */
static int learn_memo(PyObject *made) {
    struct memo_table *memo = *memo_of(made);
    size_t n = memo ? memo->allocated : 0;
    if (n < 2 || n > MAX_TABLE || (n & (n - 1)) != 0 || memo->mask != n - 1 || memo->used != 0 || !memo->table)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (memo->table[i].key)
            return 0;
    learned.entries = n;
    return 1;
}

/* Where a Pickler with a buffer_callback has another word than one without. */
static int learn_callback(PyObject *made, PyObject *callback, size_t size) {
    int found = 0;
    for (size_t at = HEAD; at < size; at += 8) {
        int64_t number;
        memcpy(&number, learned.numbers[PROTOCOLS - 1] + at, 8);
        if (*field(made, at) == callback && at != learned.write && number == 0)
            pickler_base.buffer_callback = at, found++;
        else if (!is_pointer(at) && memcmp(field(made, at), &number, 8) != 0)
            return 0;
    }
    return found == 1;
}

/* Where a Pickler has the persistent_id that was set: in 3.13.0 only objects of subclasses have
 * one, in their dict. */
static int learn_persistent_id(PyObject *made, PyObject *sample) {
    int found = 0;
    if (unguarded.PyObject_SetAttr(made, pickler_names.persistent_id, sample) < 0) {
        if (!unguarded.PyErr_ExceptionMatches(*py.PyExc_AttributeError))
            return 0;
        unguarded.PyErr_Clear();
        pickler_base.hooks_in_dict = pickler_base.getattro == (void *)unguarded.PyObject_GenericGetAttr;
        return 1;
    }
    for (size_t at = HEAD; at < learned.size; at += 8)
        if (*field(made, at) == sample && !is_pointer(at) && at != pickler_base.buffer_callback)
            pickler_base.persistent_id_at = at, found++;
    pickler_base.hooks_in_dict = found == 1;
    return found == 1;
}

/* Whether two Picklers have the same fields. */
static int same(PyObject *a, PyObject *b) {
    for (size_t at = HEAD; at < learned.size; at += 8)
        if (at == MEMO ? memcmp(*memo_of(a), *memo_of(b), offsetof(struct memo_table, table)) != 0
                       : at != learned.output_buffer && *field(a, at) != *field(b, at))
            return 0;
    return 1;
}

static void drop(PyObject *o) {
    if (o)
        unguarded.Py_DecRef(o);
}

/* A list of many lists: the memo grows. */
static PyObject *large_sample(void) {
    PyObject *list = unguarded.PyList_New(0), *item;
    int failed = !list;
    for (int i = 0; !failed && i < 3 * MAX_TABLE; i++) {
        failed = !(item = unguarded.PyList_New(0)) || unguarded.PyList_Append(list, item) < 0;
        drop(item);
    }
    if (failed)
        drop(list);
    return failed ? NULL : list;
}

static int dumps(PyObject *pickler, PyObject *o) {
    PyObject *dump = unguarded.PyObject_GetAttrString(pickler, "dump"), *done;
    if (!dump)
        return 0;
    done = unguarded.PyObject_CallFunctionObjArgs(dump, o, NULL);
    drop(dump);
    drop(done);
    return done != NULL;
}

/* Whether both dump the same into the list that their file appends to. */
static int dump_alike(PyObject *a, PyObject *b, PyObject *written) {
    PyObject *o = large_sample();
    Py_ssize_t n = unguarded.PyList_Size(written);
    int alike = o && dumps(a, o) && dumps(b, o) && unguarded.PyList_Size(written) == n + 2 &&
                unguarded.PyObject_RichCompareBool(unguarded.PyList_GetItem(written, n),
                                                   unguarded.PyList_GetItem(written, n + 1), EQ) == 1 &&
                (*memo_of(a))->used == (*memo_of(b))->used && (*memo_of(a))->used > 3 * MAX_TABLE;
    drop(o);
    return alike;
}

/* Whether pickler_fill does what CPython does. */
static int works(PyObject *file, PyObject *written, PyObject *callback, long proto) {
    PyObject *theirs = made_by_cpython(file, proto, callback), *protocol = unguarded.PyLong_FromLong(proto);
    PyObject *ours = unguarded.PyType_GenericAlloc(pickler_base.type, 0);
    int well = theirs && ours && protocol && pickler_fill(ours, file, protocol, callback) == FILLED &&
               same(ours, theirs) && dump_alike(ours, theirs, written);
    drop(protocol);
    drop(ours);
    drop(theirs);
    return well;
}

static int learn(PyObject *file, PyObject *written, size_t size) {
    PyObject *made = NULL, *callback;
    int well = 1;
    for (long proto = 0; well && proto < PROTOCOLS; proto++) {
        well = (made = made_by_cpython(file, proto, None)) && copy_numbers(made, proto, size) &&
               (*field(made, learned.output_buffer))->ob_type == py.PyBytes_Type && learn_memo(made);
        drop(made);
    }
    if (!well || !(callback = unguarded.PyList_New(0)))
        return 0;
    well = (made = made_by_cpython(file, PROTOCOLS - 1, callback)) && learn_callback(made, callback, size);
    drop(made);
    learned.size = well ? size : 0;
    for (long proto = 0; well && proto < PROTOCOLS; proto++)
        well = works(file, written, None, proto) && (proto < PROTOCOLS - 1 || works(file, written, callback, proto));
    if (well && pickler_base.persistent_id) {
        well = (made = made_by_cpython(file, PROTOCOLS - 1, None)) && learn_persistent_id(made, callback);
        drop(made);
    }
    drop(callback);
    return well;
}

/* A file whose write is always the same object, which appends to a list. */
static PyObject *sample_file(PyObject *written) {
    PyObject *types = unguarded.PyImport_ImportModule("types"), *namespace = NULL, *write = NULL, *file = NULL;
    if (types)
        namespace = unguarded.PyObject_GetAttrString(types, "SimpleNamespace");
    if (namespace && (write = unguarded.PyObject_GetAttrString(written, "append")) &&
        (file = unguarded.PyObject_CallNoArgs(namespace)) &&
        unguarded.PyObject_SetAttr(file, pickler_names.write_name, write) < 0) {
        drop(file);
        file = NULL;
    }
    drop(write);
    drop(namespace);
    drop(types);
    return file;
}

/* What has to be so for the words of a Pickler to be looked at. */
static int is_plausible(size_t dispatch_table, size_t size) {
    size_t write = pickler_base.write;
    return pickler_base.type && size <= MAX_SIZE && size % 8 == 0 && MEMO < dispatch_table && dispatch_table < write &&
           write + 16 <= size;
}

int pickler_fill_learn(size_t dispatch_table, size_t size) {
    PyObject *written, *file;
    int well;
    memset(&learned, 0, sizeof learned);
    pickler_base.hooks_in_dict = 0, pickler_base.persistent_id_at = 0, pickler_base.buffer_callback = 0;
    if (!is_plausible(dispatch_table, size))
        return 0;
    learned.write = pickler_base.write, learned.output_buffer = pickler_base.write + 8;
    learned.dispatch_table = dispatch_table;
    if (!(written = unguarded.PyList_New(0)))
        return 0;
    file = sample_file(written);
    well = file && learn(file, written, size);
    drop(file);
    drop(written);
    if (!well)
        learned.size = pickler_base.hooks_in_dict = pickler_base.buffer_callback = 0;
    return well;
}
