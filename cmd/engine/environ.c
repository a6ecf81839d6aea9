/* What Go's runtime ends the process for if it finds it in the environment. It
 * starts by itself when the library is loaded, after this. */
#include <stdlib.h>
#include <string.h>

/* Go reads the array that the program was started with (runtime/runtime1.go, goenvs), so
 * it is the one that is changed here, for as long as Go reads it. */
enum { MOST = 8 };
static char **changed[MOST], *were[MOST];
static int n_changed;

static char harmless[] = "GOCLOUDPICKLE_IGNORES=";

static const char *value_of(const char *entry, const char *name) {
    size_t n = strlen(name);
    return strncmp(entry, name, n) == 0 && entry[n] == '=' ? entry + n + 1 : NULL;
}

/* GOMEMLIMIT is "off", empty, or a whole number with B or KiB to TiB: readGOMEMLIMIT in
 * runtime/mgcpacer.go, parseByteCount in runtime/string.go. */
static int is_byte_count(const char *s) {
    static const char *const units[] = {"", "B", "KiB", "MiB", "GiB", "TiB"};
    static const int shifts[] = {0, 0, 10, 20, 30, 40};
    unsigned long long number = 0, most = 0x7fffffffffffffff;
    const char *digits = s;
    if (!*s || strcmp(s, "off") == 0)
        return 1;
    for (; *s >= '0' && *s <= '9'; s++) {
        if (number > (most - (*s - '0')) / 10)
            return 0;
        number = number * 10 + (*s - '0');
    }
    if (s == digits)
        return 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(s, units[i]) == 0)
            return number <= most >> shifts[i];
    return 0;
}

/* GODEBUG=cgocheck=2 is no more (parsedebugvars in runtime/runtime1.go): of several
 * settings in it the last one holds. */
static int asks_for_cgocheck2(const char *s) {
    int level = 0;
    for (const char *next; s; s = next ? next + 1 : NULL) {
        next = strchr(s, ',');
        if (strncmp(s, "cgocheck=", 9) == 0)
            level = atoi(s + 9);
    }
    return level > 1;
}

/* Go makes a structure with caches for each of GOMAXPROCS at once, and more threads than
 * there are processors do nothing for it: what comes of a slip of the hand is gigabytes. */
static int is_too_many(const char *s) { return atol(s) > 1024; }

__attribute__((constructor(101))) static void before_go(int argc, char **argv, char **envp) {
    (void)envp;
    if (!argv)
        return;
    for (char **e = argv + argc + 1; *e && n_changed < MOST; e++) {
        const char *limit = value_of(*e, "GOMEMLIMIT"), *debug = value_of(*e, "GODEBUG"),
                   *procs = value_of(*e, "GOMAXPROCS");
        if ((limit && !is_byte_count(limit)) || (debug && asks_for_cgocheck2(debug)) ||
            (procs && is_too_many(procs))) {
            changed[n_changed] = e;
            were[n_changed++] = *e;
            *e = harmless;
        }
    }
}

/* environ_restore gives the program back what Go must not see. */
void environ_restore(void) {
    for (int i = 0; i < n_changed; i++)
        if (*changed[i] == harmless)
            *changed[i] = were[i];
    n_changed = 0;
}
