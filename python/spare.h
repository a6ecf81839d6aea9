/* Memory, not in use, that is kept for Go's runtime. */
#ifndef GOCLOUDPICKLE_SPARE_H
#define GOCLOUDPICKLE_SPARE_H

/* spare_reserve sees to it that there is some, and reports whether there is. */
int spare_reserve(void);

/* spare_given says that the runtime has taken what was kept. */
int spare_given(void);

#endif
