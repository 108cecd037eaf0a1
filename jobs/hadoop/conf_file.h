/*
 * Configuration files (-conf), whose properties rank below those of the command line:
 *
 *     <configuration>
 *       <property><name>my.color</name><value>blue</value><final>true</final></property>
 *     </configuration>
 *
 * As Hadoop reads them, a later property takes the place of an earlier one, in the same file or
 * another, but for one that was final; one without a value is none; name, value and final may be
 * attributes of the property, too; and what else there is is passed over, whatever the outermost
 * element is called.
 */
#ifndef HADOOP_CONF_FILE_H
#define HADOOP_CONF_FILE_H

#include "path.h"
#include "properties.h"

/* What all files have said. It starts as zeros. */
struct conf_files {
    struct properties properties;
    struct list finals; /* names of those that are final */
};

/* Reads a file; a path without a scheme is one of this machine. Returns 0 or -1, as where this was
 * built without expat. */
int conf_file_read(struct conf_files *all, const struct file_systems *fs, const char *path,
                   struct mr_error *err);

#endif
