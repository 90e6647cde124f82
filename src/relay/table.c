/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the relay knows, in memory that outlives it. */
#include "relay/table.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basic/alloc.h"
#include "basic/files.h"

#define TABLE_MAGIC UINT64_C(0x3162617468747262) /* "brthtab1" */

int table_create(void) {
        _cleanup_close_ int fd = memfd_create("berth-log", MFD_CLOEXEC);
        static const uint64_t magic = TABLE_MAGIC;

        if (fd < 0 || ftruncate(fd, sizeof(Table)) < 0 || pwrite(fd, &magic, sizeof(magic), 0) != sizeof(magic))
                return -errno;
        return TAKE_FD(fd);
}

int table_map(int fd, Table **ret) {
        static const off_t without_networks = offsetof(Table, networks);
        struct stat st;
        Table *table;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_size == without_networks && (ftruncate(fd, sizeof(Table)) < 0 || fstat(fd, &st) < 0))
                return -errno;
        if (st.st_size != sizeof(Table))
                return -EBADMSG;
        table = mmap(NULL, sizeof(Table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (table == MAP_FAILED)
                return -errno;
        if (table->magic != TABLE_MAGIC || table->slot_count > TABLE_SLOTS_MOST) {
                munmap(table, sizeof(Table));
                return -EBADMSG;
        }
        *ret = table;
        return 0;
}

Slot *table_find(Table *table, const uint64_t inodes[_LOG_STREAM_COUNT]) {
        for (size_t i = 0; i < table->slot_count; i++) {
                Slot *slot = &table->slots[i];

                for (size_t j = 0; j < _LOG_STREAM_COUNT && slot->id != 0; j++)
                        if (inodes[j] != 0 && slot->inodes[j] == inodes[j])
                                return slot;
        }
        return NULL;
}

/* Field 22 of /proc/PID/stat; the second may hold anything, but ends at the last parenthesis. */
static uint64_t process_start(pid_t pid) {
        enum { FIELDS_BETWEEN = 20 };
        _cleanup_free_ char *text = NULL;
        char path[32];
        const char *p;

        snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
        if (read_virtual_file(path, &text) < 0)
                return 0;
        p = strrchr(text, ')');
        for (int i = 0; p && i < FIELDS_BETWEEN; i++)
                p = strchr(p + 1, ' ');
        return p ? strtoull(p + 1, NULL, 10) : 0;
}

void slot_set_pid(Slot *slot, pid_t pid) {
        slot->pid_start = 0;
        slot->pid = pid;
        slot->pid_start = process_start(pid);
}

bool slot_pid_is_same(const Slot *slot) {
        return slot->pid_start != 0 && process_start(slot->pid) == slot->pid_start;
}

Slot *table_add(Table *table, const LogRelayMessage *message, pid_t pid) {
        Slot *slot = NULL;

        for (size_t i = 0; i < table->slot_count && !slot; i++)
                if (table->slots[i].id == 0)
                        slot = &table->slots[i];
        if (!slot && table->slot_count < TABLE_SLOTS_MOST)
                slot = &table->slots[table->slot_count++];
        if (!slot)
                return NULL;
        memcpy(slot->inodes, message->inodes, sizeof(slot->inodes));
        memcpy(slot->text, message->text, message->text_size);
        slot->text_size = message->text_size;
        slot_set_pid(slot, pid);
        /* Who reads this after a kill sees a whole slot or none. */
        __atomic_store_n(&slot->id, ++table->last_id, __ATOMIC_RELEASE);
        return slot;
}

void slot_free(Slot *slot) {
        __atomic_store_n(&slot->id, 0, __ATOMIC_RELEASE);
}

/* What the kernel says of the pidfd, which is -1 once the process has been waited for. Returns 0
 * when it does not say. */
static pid_t pid_of(int pidfd) {
        _cleanup_free_ char *text = NULL;
        const char *line;
        char path[40];

        snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
        if (read_virtual_file(path, &text) < 0)
                return 0;
        line = strstr(text, "\nPid:\t");
        return line ? (pid_t) strtol(line + strlen("\nPid:\t"), NULL, 10) : 0;
}

static NetworkProgram *network_of(Table *table, const Slot *slot) {
        return &table->networks[slot - table->slots];
}

void table_set_network(Table *table, const Slot *slot, int pidfd) {
        NetworkProgram *network = network_of(table, slot);

        table_forget_network(table, slot);
        network->pid = pid_of(pidfd);
        if (network->pid <= 1)
                return;
        network->pid_start = process_start(network->pid);
        __atomic_store_n(&network->id, slot->id, __ATOMIC_RELEASE);
}

void table_forget_network(Table *table, const Slot *slot) {
        __atomic_store_n(&network_of(table, slot)->id, 0, __ATOMIC_RELEASE);
}

int table_open_network(const Table *table, const Slot *slot) {
        const NetworkProgram *network = &table->networks[slot - table->slots];
        _cleanup_close_ int fd = -EBADF;

        if (network->id != slot->id)
                return -ENOENT;
        fd = pidfd_open(network->pid, 0);
        if (fd < 0)
                return errno == EINVAL ? -ESRCH : -errno;
        return process_start(network->pid) == network->pid_start ? TAKE_FD(fd) : -ESRCH;
}

static const char *slot_string(const Slot *slot, unsigned n) {
        const char *p = slot->text;

        while (n-- > 0)
                p += strlen(p) + 1;
        return p;
}

const char *slot_namespace(const Slot *slot) {
        return slot_string(slot, 0);
}

const char *slot_header(const Slot *slot, unsigned stream) {
        return slot_string(slot, 1 + stream);
}

void intent_set(Table *table, const Intent *intent) {
        table->intent = *intent;
        __atomic_store_n(&table->intent.set, 1, __ATOMIC_RELEASE);
}

void intent_clear(Table *table) {
        __atomic_store_n(&table->intent.set, 0, __ATOMIC_RELEASE);
}
