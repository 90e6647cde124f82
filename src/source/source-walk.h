/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One pass over the directories of the search path, taking down the names in them; sources.h says
 * which directories. */
#pragma once

#include <sys/types.h>

#include "basic/diagnostics.h"
#include "source/source.h"

/* How much is looked at: more than anybody has, and an end to what leads everywhere. The generator
 * runs at boot, before everything else. */
enum {
        WALK_FILES_MAX = 10000,         /* main files and drop-ins */
        WALK_ENTRIES_MAX = 100000,      /* names of any kind, … */
        WALK_SUBTREE_MAX = 10000,       /* … of which as many below one directory of a search directory */
        WALK_DIRECTORIES_MAX = 1000,
};

/* A main file that the walk met. */
typedef struct Found {
        Source source; /* without drop-ins */
        size_t order;
} Found;

typedef struct DropIn {
        char *directory; /* its name: "web.container.d"; owned */
        char *path;      /* owned */
        unsigned rank;   /* of the searched directory in the walk */
        bool masked;
} DropIn;

typedef struct Visited {
        dev_t device;
        ino_t inode;
} Visited;

/* Zero-initialise with {}, save for what the caller sets. */
typedef struct SourceWalk {
        /* set by the caller: the names of the files and drop-in directories of interest; NULL:
         * all */
        const StringList *wanted;
        Diagnostics *diagnostics; /* set by the caller; may be NULL */
        Found *files;             /* in the order in which they were met */
        size_t file_count, files_allocated;
        DropIn *drop_ins; /* by directory */
        size_t drop_in_count, drop_ins_allocated;
        Visited *visited; /* the directories so far: symlinks may lead back */
        size_t visited_count, visited_allocated;
        const char *top;                 /* the search directory that is being walked; borrowed */
        size_t entries, subtree_entries; /* looked at so far, in all and in the present subdirectory */
        bool ended;                      /* there is too much, which has been said */
} SourceWalk;

typedef enum FileState {
        STATE_REGULAR,
        STATE_EMPTY,
        STATE_MASKED, /* a link to /dev/null */
        STATE_DIRECTORY,
        STATE_OTHER, /* a FIFO, a socket, a device */
} FileState;

/* What is at the path, symlinks followed; nothing is opened. Returns a FileState, or -errno. */
int source_file_state(int directory_fd, const char *path);

/* Returns whether a file is as if it were not there: a link to /dev/null, or an empty one, but of
 * those kinds that have nothing that must be said. */
bool source_is_masked(FileType type, FileState state);

/* Walks all directories with what is below them. Returns 0 or -ENOMEM. */
int source_walk(SourceWalk *walk, const StringList *search_path);

/* Walks one directory and the drop-in directories in it. Returns 0 or -ENOMEM. */
int source_walk_one(SourceWalk *walk, const char *directory);

void source_walk_done(SourceWalk *walk);
#define _cleanup_source_walk_ _cleanup_(source_walk_done)
