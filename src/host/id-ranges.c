/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ranges of IDs for UserNS=auto. */
#include "host/id-ranges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/directory.h"
#include "basic/files.h"
#include "basic/text.h"
#include "host/effects.h"
#include "host/sub-ids.h"
#include "host/user/user-root.h"
#include "source/places.h"

#define SUBORDINATE_USER "containers"
#define NSPAWN_DIRECTORY "/run/systemd/nspawn-uid"
#define PASSWD_LOCK "/etc/.pwd.lock"

/* systemd's range for containers */
#define FIRST_CHUNK UINT32_C(0x00080000)
#define LAST_CHUNK UINT32_C(0x6FFF0000)

typedef struct Range {
        uint32_t first, count;
} Range;

typedef struct RangeList {
        Range *items;
        size_t count, allocated;
} RangeList;

static void range_list_done(RangeList *list) {
        free(list->items);
}
#define _cleanup_range_list_ _cleanup_(range_list_done)

static int range_list_add(RangeList *list, Range range) {
        int r = ARRAY_RESERVE(list->items, list->allocated, list->count + 1);

        if (r < 0)
                return r;
        list->items[list->count++] = range;
        return 0;
}

static bool range_list_overlaps(const RangeList *list, Range range) {
        for (size_t i = 0; i < list->count; i++)
                if (range.first < (uint64_t) list->items[i].first + list->items[i].count &&
                    list->items[i].first < (uint64_t) range.first + range.count)
                        return true;
        return false;
}

/* "524288-65536" */
static bool parse_range(const char *name, Range *ret) {
        IdMapping mapping;

        if (strchr(name, '-') != strrchr(name, '-') || id_mapping_parse(name, '-', true, &mapping) < 0 ||
            mapping.outside == 0)
                return false;
        *ret = (Range) { mapping.inside, mapping.outside };
        return true;
}

/* Ours against other starts, and that of the user database, which other programs take before they
 * assign IDs; the latter cannot be had where /etc is read-only, but then nobody else can either.
 * Both end with their fd. */
typedef struct Locks {
        int own, passwd;
} Locks;

static void locks_done(Locks *locks) {
        fd_close(locks->passwd);
        fd_close(locks->own);
}

static int take_locks(Locks *locks) {
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        locks->own = make_locked_directory(place_path(PLACE_ID_RANGES));
        if (locks->own < 0)
                return locks->own;
        if (places_scope() == SCOPE_USER)
                return 0;
        locks->passwd = open(PASSWD_LOCK, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC, 0600);
        if (locks->passwd < 0)
                return errno == EROFS ? 0 : -errno;
        while (fcntl(locks->passwd, F_SETLKW, &whole) < 0)
                if (errno != EINTR)
                        return -errno;
        return 0;
}

/* Whether the range is that of `owner`; NULL owns none. */
static bool is_owned_by(int directory_fd, const char *range, const char *owner) {
        _cleanup_free_ char *found = NULL;

        return owner && read_file_at(directory_fd, range, NAME_MAX, &found, NULL) == 0 && streq(found, owner);
}

/* Save what is `except`'s. */
static int read_taken(const char *except, RangeList *taken) {
        _cleanup_closedir_ DIR *directory = NULL;
        const struct dirent *entry;
        Range range;
        int r;

        r = directory_open(place_path(PLACE_ID_RANGES), &directory);
        if (r == -ENOENT || r == -EACCES)
                return 0; /* whoever may not look in there has no range to take, either, and only wants to see one */
        if (r < 0)
                return r;
        while ((r = directory_next(directory, &entry)) > 0) {
                if (!parse_range(entry->d_name, &range) || is_owned_by(dirfd(directory), entry->d_name, except))
                        continue;
                r = range_list_add(taken, range);
                if (r < 0)
                        return r;
        }
        return r;
}

/* An nspawn holds a lock while it has a range. */
static bool nspawn_has(uint32_t first) {
        _cleanup_free_ char *path = text_format(NSPAWN_DIRECTORY "/%u", first);
        struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        _cleanup_close_ int fd = path ? open(path, O_RDWR | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC) : -EBADF;

        return fd >= 0 && fcntl(fd, F_OFD_SETLK, &whole) < 0;
}

/* The first and the last that is handed out, as nspawn looks. */
static bool is_known(uint32_t first) {
        uint32_t last = first + ID_CHUNK - 2;

        return getpwuid(first) || getpwuid(last) || getgrgid(first) || getgrgid(last);
}

/* Where the search begins: FNV-1a. */
static uint32_t hash(const char *name) {
        uint32_t value = 0x811c9dc5;

        for (const char *p = name; *p; p++)
                value = (value ^ (unsigned char) *p) * 0x01000193;
        return value;
}

static bool is_avoided(const IdRangeRequest *request, Range range) {
        const IdMap *const maps[] = { request->avoid_uids, request->avoid_gids };

        for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
                for (size_t j = 0; maps[i] && j < maps[i]->count; j++)
                        if (range_list_overlaps(&(RangeList) { .items = &range, .count = 1 },
                                                (Range) { maps[i]->items[j].outside, maps[i]->items[j].count }))
                                return true;
        return false;
}

static bool chunks_are_free(Range range) {
        for (uint64_t first = range.first; first < (uint64_t) range.first + range.count; first += ID_CHUNK)
                if (nspawn_has((uint32_t) first) || is_known((uint32_t) first))
                        return false;
        return true;
}

static int find_chunks(const IdRangeRequest *request, const RangeList *taken, Range *ret) {
        uint32_t chunks = (request->count - 1) / ID_CHUNK + 1, slots = (LAST_CHUNK - FIRST_CHUNK) / ID_CHUNK + 1;
        uint32_t start = hash(request->id) % slots;

        for (uint32_t i = 0; i < slots; i++) {
                uint32_t slot = (start + i) % slots;
                Range range = { FIRST_CHUNK + slot * ID_CHUNK, chunks * ID_CHUNK };

                if (chunks > slots - slot || range_list_overlaps(taken, range) || is_avoided(request, range) ||
                    !chunks_are_free(range))
                        continue;
                *ret = range;
                return 0;
        }
        return -ENOSPC;
}

/* In the user's own user namespace. */
static int add_own(RangeList *ranges) {
        uint32_t count;
        int r = user_root_count_ids(&count);

        return r < 0 || count < 2 ? r : range_list_add(ranges, (Range) { 1, count - 1 });
}

/* What "containers" has both as user and as group IDs; or the user. */
static int read_subordinate(RangeList *ranges) {
        _cleanup_id_map_ IdMap uids = {}, gids = {};
        int r;

        if (places_scope() == SCOPE_USER)
                return add_own(ranges);
        if ((r = sub_ids_read(place_path(PLACE_SUB_UIDS), SUBORDINATE_USER, &uids)) < 0 ||
            (r = sub_ids_read(place_path(PLACE_SUB_GIDS), SUBORDINATE_USER, &gids)) < 0)
                return r;
        for (size_t i = 0; i < uids.count; i++)
                for (size_t j = 0; j < gids.count; j++) {
                        uint64_t first = uids.items[i].outside > gids.items[j].outside ? uids.items[i].outside
                                                                                       : gids.items[j].outside;
                        uint64_t end_uids = (uint64_t) uids.items[i].outside + uids.items[i].count;
                        uint64_t end_gids = (uint64_t) gids.items[j].outside + gids.items[j].count;
                        uint64_t end = end_uids < end_gids ? end_uids : end_gids;

                        r = first < end ? range_list_add(ranges, (Range) { (uint32_t) first, (uint32_t) (end - first) })
                                        : 0;
                        if (r < 0)
                                return r;
                }
        return 0;
}

int id_ranges_are_subordinate(void) {
        _cleanup_range_list_ RangeList ranges = {};
        int r = read_subordinate(&ranges);

        return r < 0 ? r : ranges.count > 0 || places_scope() == SCOPE_USER;
}

static bool is_free(const IdRangeRequest *request, const RangeList *taken, uint32_t first) {
        Range range = { first, request->count };
        return !range_list_overlaps(taken, range) && !is_avoided(request, range);
}

/* Each range is divided into slots as large as is asked for, and the name says which comes first;
 * when none is free, what lies behind another container's may be. */
static int find_subordinate(const IdRangeRequest *request, const RangeList *ranges, const RangeList *taken,
                            Range *ret) {
        uint64_t slots = 0, start;

        for (size_t i = 0; i < ranges->count; i++)
                slots += ranges->items[i].count / request->count;
        start = slots > 0 ? hash(request->id) % slots : 0;
        for (uint64_t n = 0; n < slots; n++) {
                uint64_t slot = (start + n) % slots;
                size_t i = 0;

                for (; slot >= ranges->items[i].count / request->count; i++)
                        slot -= ranges->items[i].count / request->count;
                *ret = (Range) { ranges->items[i].first + (uint32_t) slot * request->count, request->count };
                if (is_free(request, taken, ret->first))
                        return 0;
        }
        for (size_t i = 0; i < taken->count; i++)
                for (size_t j = 0; j < ranges->count; j++) {
                        uint64_t first = (uint64_t) taken->items[i].first + taken->items[i].count;
                        uint64_t end = (uint64_t) ranges->items[j].first + ranges->items[j].count;

                        *ret = (Range) { (uint32_t) first, request->count };
                        if (first >= ranges->items[j].first && first + request->count <= end &&
                            is_free(request, taken, ret->first))
                                return 0;
                }
        return -ENOSPC;
}

static int find(const IdRangeRequest *request, const char *except, Range *ret) {
        _cleanup_range_list_ RangeList ranges = {}, taken = {};
        int r;

        if ((r = read_taken(except, &taken)) < 0 || (r = read_subordinate(&ranges)) < 0)
                return r;
        return ranges.count > 0 || places_scope() == SCOPE_USER ? find_subordinate(request, &ranges, &taken, ret)
                                                                : find_chunks(request, &taken, ret);
}

int id_ranges_take(const IdRangeRequest *request, const Bundle *bundle, uint32_t *ret_first) {
        _cleanup_(locks_done) Locks locks = { -EBADF, -EBADF };
        _cleanup_free_ char *name = NULL;
        Range range;
        int r;

        if (bundle) {
                r = take_locks(&locks);
                if (r < 0)
                        return r;
        }
        r = find(request, request->id, &range);
        if (r < 0)
                return r;
        *ret_first = range.first;
        if (!bundle)
                return 0;
        name = text_format("%u-%u", range.first, range.count);
        if (!name)
                return -ENOMEM;
        r = effects_append(bundle, EFFECT_IDS, name, bundle->id);
        return r < 0 ? r : write_file_atomic_at(locks.own, name, bundle->id, strlen(bundle->id), 0600);
}

int id_ranges_give_back(const char *range, const char *owner) {
        _cleanup_(locks_done) Locks locks = { -EBADF, -EBADF };
        int r;

        if (!parse_range(range, &(Range) {}))
                return -EBADMSG;
        r = take_locks(&locks);
        if (r < 0)
                return r;
        /* Recorded, but another was faster: then it is the other's. */
        if (!is_owned_by(locks.own, range, owner))
                return 0;
        return unlinkat(locks.own, range, 0) < 0 ? -errno : 0;
}
