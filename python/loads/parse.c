/* Reads a stream into nodes and events. The format is that of Lib/pickletools.py;
 * what is right and wrong is what Modules/_pickle.c accepts and refuses. */
#define _GNU_SOURCE
#include "load.h"
#include <string.h>

struct node node_none, node_empty, node_false, node_true;

/* What the widths of struct node and struct event hold, and the arrays of struct load. */
_Static_assert(MAX_DEPTH < UINT8_MAX, "a node has its depth in a byte");
_Static_assert(N_NAMES < UINT8_MAX, "a node has 1 + a name in a byte");
_Static_assert(MAX_BYTES <= INT32_MAX && MAX_OPCODES <= INT32_MAX, "sizes and counts are uint32_t");

static struct node *new_node(struct load *l, int kind) {
    struct node *n = &l->nodes[l->n_nodes++];
    n->kind = kind;
    n->depth = 0;
    n->shared = 0;
    n->name = 0;
    n->n = 0;
    n->items = NULL;
    n->obj = NULL;
    return n;
}

static struct event *new_event(struct load *l, int op, struct node *a, struct node *b) {
    struct event *e = &l->events[l->n_events++];
    e->op = op;
    e->a = a;
    e->b = b;
    e->result = NULL;
    e->items = NULL;
    e->n = 0;
    return e;
}

static struct node *new_result(struct load *l, int op, struct node *a, struct node *b) {
    return new_event(l, op, a, b)->result = new_node(l, RESULT);
}

/* Gives a node the last n of the stack; 0 if it becomes too deep. */
static int fill(struct load *l, struct node *node, struct node **from, uint32_t n) {
    uint32_t i;
    node->items = l->items + l->n_items;
    node->n = n;
    l->n_items += n;
    for (i = 0; i < n; i++) {
        node->items[i] = from[i];
        if (from[i]->depth >= node->depth)
            node->depth = from[i]->depth + 1;
    }
    return node->depth <= MAX_DEPTH;
}

/* An event that changes what stays on the stack: from now on that is not new. */
static struct event *new_change(struct load *l, int op, struct node *changed, struct node *state) {
    changed->shared = 1;
    return new_event(l, op, changed, state);
}

static struct event *with_items(struct load *l, struct event *e, struct node **from, uint32_t n) {
    e->items = l->items + l->n_items;
    e->n = n;
    l->n_items += n;
    memcpy(e->items, from, n * sizeof *from);
    return e;
}

/* A container that nothing has touched yet can take its items without an event. */
static int is_new(const struct node *n, int kind) { return is_deferred(n, kind) && n->n == 0; }

static int keys_are_str(struct node **items, uint32_t n) {
    uint32_t i;
    for (i = 0; i < n; i += 2)
        if (items[i]->kind != STR)
            return 0;
    return 1;
}

static int is_ascii(const unsigned char *s, size_t n) {
    uint64_t word, seen = 0;
    for (; n >= 8; s += 8, n -= 8) {
        memcpy(&word, s, 8);
        seen |= word;
    }
    while (n--)
        seen |= (uint64_t)*s++;
    return (seen & 0x8080808080808080u) == 0;
}

static struct node *made(struct load *l, PyObject *o) {
    struct node *n;
    if (!o) {
        ld.PyErr_Clear(); /* pickle.loads will meet it again, in its turn */
        return NULL;
    }
    n = new_node(l, OBJECT);
    n->obj = o;
    return n;
}

static struct node *text(struct load *l, const unsigned char *s, size_t size) {
    struct node *n;
    if (!is_ascii(s, size))
        return made(l, ld.PyUnicode_DecodeUTF8((const char *)s, size, "surrogatepass"));
    n = new_node(l, STR);
    n->text = (const char *)s;
    n->n = size;
    return n;
}

static struct node *number(struct load *l, long value) { return made(l, ld.PyLong_FromLong(value)); }

static struct node *real(struct load *l, const unsigned char *p) {
    uint64_t bits = 0;
    double value;
    int i;
    for (i = 0; i < 8; i++)
        bits = bits << 8 | p[i];
    memcpy(&value, &bits, 8);
    return made(l, ld.PyFloat_FromDouble(value));
}

static uint64_t little(const unsigned char *p, int n) {
    uint64_t value = 0;
    while (n--)
        value = value << 8 | p[n];
    return value;
}

/* What is inside a function is refused by pickle before 3.14, in words that changed in the
 * middle of a series (CPython's issue 122311). */
static int is_usual_name(const struct node *n) {
    static const char local[] = "<locals>";
    return n->kind == STR && !memmem(n->text, n->n, local, sizeof local - 1);
}

int load_parse(struct load *l) {
    const unsigned char *p = l->data, *end = l->end;
    struct node **stack = l->stack, *n;
    /* fence <= sp: what is below belongs to before the last mark. */
    uint32_t sp = 0, fence = 0, n_marks = 0, n_memo = 0, n_ops = 0, at, count;
    uint64_t size;

#define NEED(bytes) \
    if ((uint64_t)(end - p) < (uint64_t)(bytes)) return 0
#define PUSH(node) \
    do { \
        if (!(n = (node))) return 0; \
        stack[sp++] = n; \
    } while (0)
#define POP_MARK() \
    do { \
        if (!n_marks) return 0; \
        at = l->marks[--n_marks]; \
        fence = n_marks ? l->marks[n_marks - 1] : 0; \
    } while (0)
#define HAVE(count) \
    if (sp - fence < (uint32_t)(count)) return 0
    NEED(2);
    /* Protocol 4: its names are on the stack and may have dots. */
    if (p[0] != 0x80 || p[1] < 4 || p[1] > 5)
        return 0;
    p += 2;
    for (;;) {
        NEED(1);
        if (++n_ops > MAX_OPCODES)
            return 0;
        switch (*p++) {
        case 0x95: /* FRAME */
            NEED(8);
            size = little(p, 8);
            p += 8;
            NEED(size);
            break;
        case '(':
            l->marks[n_marks++] = fence = sp;
            break;
        case 'N':
            stack[sp++] = &node_none;
            break;
        case 0x88: /* NEWTRUE */
            stack[sp++] = &node_true;
            break;
        case 0x89: /* NEWFALSE */
            stack[sp++] = &node_false;
            break;
        case ')':
            stack[sp++] = &node_empty;
            break;
        case 'K':
            NEED(1);
            PUSH(number(l, *p++));
            break;
        case 'M':
            NEED(2);
            PUSH(number(l, little(p, 2)));
            p += 2;
            break;
        case 'J':
            NEED(4);
            PUSH(number(l, (int32_t)little(p, 4)));
            p += 4;
            break;
        case 0x8a: /* LONG1 */
            NEED(1);
            size = *p++;
            NEED(size);
            PUSH(size ? made(l, ld._PyLong_FromByteArray(p, size, 1, 1)) : number(l, 0));
            p += size;
            break;
        case 'G':
            NEED(8);
            PUSH(real(l, p));
            p += 8;
            break;
        case 0x8c: /* SHORT_BINUNICODE */
            NEED(1);
            size = *p++;
            NEED(size);
            PUSH(text(l, p, size));
            p += size;
            break;
        case 'X':
            NEED(4);
            size = little(p, 4);
            p += 4;
            NEED(size);
            PUSH(text(l, p, size));
            p += size;
            break;
        case 'C':
            NEED(1);
            size = *p++;
            NEED(size);
            PUSH(made(l, ld.PyBytes_FromStringAndSize((const char *)p, size)));
            p += size;
            break;
        case 'B':
            NEED(4);
            size = little(p, 4);
            p += 4;
            NEED(size);
            PUSH(made(l, ld.PyBytes_FromStringAndSize((const char *)p, size)));
            p += size;
            break;
        case 0x96: /* BYTEARRAY8 */
            NEED(8);
            size = little(p, 8);
            p += 8;
            NEED(size);
            PUSH(made(l, ld.PyByteArray_FromStringAndSize((const char *)p, size)));
            p += size;
            break;
        case 0x94: /* MEMOIZE */
            HAVE(1);
            l->memo[n_memo++] = stack[sp - 1];
            break;
        case 'h':
        case 'j':
            NEED(p[-1] == 'h' ? 1 : 4);
            if (p[-1] == 'h')
                size = *p++;
            else
                size = little(p, 4), p += 4;
            if (size >= n_memo)
                return 0;
            n = l->memo[size];
            n->shared = 1;
            stack[sp++] = n;
            break;
        case 't':
            POP_MARK();
            count = sp - at;
            goto tuple;
        case 0x85: /* TUPLE1 */
        case 0x86:
        case 0x87:
            count = p[-1] - 0x84;
            HAVE(count);
            at = sp - count;
        tuple:
            if (count) {
                n = new_node(l, TUPLE);
                if (!fill(l, n, stack + at, count))
                    return 0;
            } else
                n = &node_empty;
            sp = at;
            stack[sp++] = n;
            break;
        case ']':
            PUSH(new_node(l, LIST));
            break;
        case '}':
            PUSH(new_node(l, DICT));
            break;
        case 0x8f: /* EMPTY_SET */
            PUSH(made(l, ld.PySet_New(NULL)));
            break;
        case 'a':
            HAVE(2);
            at = sp - 1;
            goto append;
        case 'e':
            POP_MARK();
        append:
            if (at == fence)
                return 0;
            count = sp - at;
            n = stack[at - 1];
            if (count == 0)
                ;
            else if (is_new(n, LIST)) {
                if (!fill(l, n, stack + at, count))
                    return 0;
            } else
                with_items(l, new_change(l, EXTEND, n, NULL), stack + at, count);
            sp = at;
            break;
        case 's':
            HAVE(3);
            at = sp - 2;
            goto set_items;
        case 'u':
            POP_MARK();
        set_items:
            if (at == fence)
                return 0;
            count = sp - at;
            n = stack[at - 1];
            if (count % 2)
                return 0;
            if (count == 0)
                ;
            else if (is_new(n, DICT) && keys_are_str(stack + at, count)) {
                if (!fill(l, n, stack + at, count))
                    return 0;
            } else
                with_items(l, new_change(l, SET_ITEMS, n, NULL), stack + at, count);
            sp = at;
            break;
        case 0x90: /* ADDITEMS */
            POP_MARK();
            if (at == fence)
                return 0;
            count = sp - at;
            if (count)
                with_items(l, new_change(l, ADD_ITEMS, stack[at - 1], NULL), stack + at, count);
            sp = at;
            break;
        case 0x91: /* FROZENSET */
            POP_MARK();
            count = sp - at;
            n = new_node(l, RESULT);
            with_items(l, new_event(l, FROZEN_SET, NULL, NULL), stack + at, count)->result = n;
            sp = at;
            stack[sp++] = n;
            break;
        case 'R':
            HAVE(2);
            sp--;
            stack[sp - 1] = new_result(l, CALL, stack[sp - 1], stack[sp]);
            break;
        case 0x81: /* NEWOBJ */
            HAVE(2);
            sp--;
            stack[sp - 1] = new_result(l, NEW, stack[sp - 1], stack[sp]);
            break;
        case 0x92: /* NEWOBJ_EX */
            HAVE(3);
            sp -= 2;
            n = new_node(l, RESULT);
            with_items(l, new_event(l, NEW_KW, stack[sp - 1], stack[sp]), stack + sp + 1, 1)->result = n;
            stack[sp - 1] = n;
            break;
        case 'b':
            HAVE(2);
            sp--;
            new_change(l, BUILD, stack[sp - 1], stack[sp]);
            break;
        case 0x93: /* STACK_GLOBAL */
            HAVE(2);
            sp--;
            if (!is_usual_name(stack[sp - 1]) || !is_usual_name(stack[sp]))
                return 0;
            stack[sp - 1] = new_result(l, GLOBAL, stack[sp - 1], stack[sp]);
            break;
        case '0':
            HAVE(1);
            sp--;
            break;
        case '.':
            HAVE(1);
            if (n_marks)
                return 0;
            l->root = stack[sp - 1];
            return 1;
        default:
            return 0;
        }
    }
}
