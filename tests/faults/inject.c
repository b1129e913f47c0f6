/* Runs a program and makes one of its system calls fail.
 *
 *     inject KIND MODE N REPORT FOLDER -- PROGRAM [ARGUMENT]...
 *
 * Counts the calls that can fail in the manner of KIND and that concern a file below FOLDER, a
 * socket, or a new descriptor of the program, over all its threads. MODE says which calls fail: with
 * `once` the N-th, with `stay` the N-th and all after it, with `none` no call. The program sees the
 * error, or a short count, in place of the call; with KIND `kill` it ends before it. REPORT gets one line for each kind with its name
 * and its number of calls, and for each failed call a line `failed NAME PATH`. The exit status is the
 * program's, or 128 and the number of the signal that ended it.
 *
 * A seccomp filter stops the calls and ptrace changes them, so that a call counts whatever library
 * makes it. Linux on x86-64 only.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* How a call can fail. */
enum {
    FULL = 1,         /* the disk is full */
    BROKEN = 2,       /* the disk reports an error, or the connection breaks */
    INTERRUPTED = 4,  /* a signal interrupted the call */
    NO_HANDLES = 8,   /* the process has too many descriptors */
    BUSY = 16,        /* another process holds the lock */
    SHORT = 32,       /* only a part is read or written */
    NO_MEMORY = 64,   /* the file cannot be mapped */
    ANY = 127,        /* the program is killed instead */
};

static const struct {
    const char *name;
    int flag, error;
} kinds[] = {
    {"enospc", FULL, ENOSPC},      {"eio", BROKEN, EIO},      {"eintr", INTERRUPTED, EINTR},
    {"emfile", NO_HANDLES, EMFILE}, {"busy", BUSY, EAGAIN},   {"short", SHORT, 0},
    {"enomem", NO_MEMORY, ENOMEM},  {"kill", ANY, 0},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* What a call names: a descriptor, a path, a folder's descriptor with a path, or both twice. */
enum { FD, PATH, AT, TWO_PATHS, TWO_AT, PATH_LAST, AT_LAST, MAP, SOCKET, NEW };

enum {
    READS = BROKEN | INTERRUPTED | SHORT,
    WRITES = READS | FULL,
    CHANGES = FULL | BROKEN,
    OPENS = BROKEN | INTERRUPTED | NO_HANDLES,
    LOCKS = INTERRUPTED | BUSY,
};

static const struct call {
    int number, names, fails;
    const char *name;
} calls[] = {
    {SYS_open, PATH, OPENS, "open"},
    {SYS_creat, PATH, OPENS | FULL, "creat"},
    {SYS_openat, AT, OPENS, "openat"},
    {SYS_openat2, AT, OPENS, "openat2"},
    {SYS_read, FD, READS, "read"},
    {SYS_pread64, FD, READS, "pread"},
    {SYS_readv, FD, READS, "readv"},
    {SYS_preadv, FD, READS, "preadv"},
    {SYS_write, FD, WRITES, "write"},
    {SYS_pwrite64, FD, WRITES, "pwrite"},
    {SYS_writev, FD, WRITES, "writev"},
    {SYS_pwritev, FD, WRITES, "pwritev"},
    {SYS_copy_file_range, FD, WRITES, "copy_file_range"},
    {SYS_sendfile, FD, WRITES, "sendfile"},
    {SYS_fsync, FD, CHANGES | INTERRUPTED, "fsync"},
    {SYS_fdatasync, FD, CHANGES | INTERRUPTED, "fdatasync"},
    {SYS_ftruncate, FD, CHANGES | INTERRUPTED, "ftruncate"},
    {SYS_fallocate, FD, CHANGES | INTERRUPTED, "fallocate"},
    {SYS_rename, TWO_PATHS, CHANGES, "rename"},
    {SYS_renameat, TWO_AT, CHANGES, "renameat"},
    {SYS_renameat2, TWO_AT, CHANGES, "renameat2"},
    {SYS_link, TWO_PATHS, CHANGES, "link"},
    {SYS_linkat, TWO_AT, CHANGES, "linkat"},
    {SYS_symlink, PATH_LAST, CHANGES, "symlink"},
    {SYS_symlinkat, AT_LAST, CHANGES, "symlinkat"},
    {SYS_mkdir, PATH, CHANGES, "mkdir"},
    {SYS_mkdirat, AT, CHANGES, "mkdirat"},
    {SYS_unlink, PATH, BROKEN, "unlink"},
    {SYS_unlinkat, AT, BROKEN, "unlinkat"},
    {SYS_rmdir, PATH, BROKEN, "rmdir"},
    {SYS_stat, PATH, BROKEN, "stat"},
    {SYS_lstat, PATH, BROKEN, "lstat"},
    {SYS_fstat, FD, BROKEN, "fstat"},
    {SYS_newfstatat, AT, BROKEN, "fstatat"},
    {SYS_statx, AT, BROKEN, "statx"},
    {SYS_access, PATH, BROKEN, "access"},
    {SYS_faccessat, AT, BROKEN, "faccessat"},
    {SYS_faccessat2, AT, BROKEN, "faccessat2"},
    {SYS_readlink, PATH, BROKEN, "readlink"},
    {SYS_readlinkat, AT, BROKEN, "readlinkat"},
    {SYS_getdents64, FD, BROKEN, "getdents"},
    {SYS_fchmod, FD, BROKEN, "fchmod"},
    {SYS_fchmodat, AT, BROKEN, "fchmodat"},
    {SYS_chmod, PATH, BROKEN, "chmod"},
    {SYS_fchown, FD, BROKEN, "fchown"},
    {SYS_utimensat, AT, BROKEN, "utimensat"},
    {SYS_statfs, PATH, BROKEN, "statfs"},
    {SYS_fstatfs, FD, BROKEN, "fstatfs"},
    {SYS_mmap, MAP, NO_MEMORY, "mmap"},
    {SYS_fcntl, FD, LOCKS | NO_HANDLES, "fcntl"},
    {SYS_flock, FD, LOCKS, "flock"},
    {SYS_inotify_add_watch, PATH_LAST, FULL, "inotify_add_watch"},
    {SYS_connect, SOCKET, BROKEN | INTERRUPTED, "connect"},
    {SYS_sendto, SOCKET, BROKEN | INTERRUPTED | SHORT, "send"},
    {SYS_recvfrom, SOCKET, BROKEN | INTERRUPTED | SHORT, "recv"},
    {SYS_socket, NEW, NO_HANDLES, "socket"},
    {SYS_pipe2, NEW, NO_HANDLES, "pipe"},
    {SYS_eventfd2, NEW, NO_HANDLES, "eventfd"},
    {SYS_epoll_create1, NEW, NO_HANDLES, "epoll_create"},
    {SYS_inotify_init1, NEW, NO_HANDLES, "inotify_init"},
};
enum { CALLS = sizeof calls / sizeof *calls };

static const char *folder;

static void die(const char *what)
{
    perror(what);
    exit(125);
}

/* Whether the path is the folder or below it. */
static int is_below(const char *path)
{
    size_t length = strlen(folder);
    return !strncmp(path, folder, length) && (path[length] == '/' || path[length] == 0);
}

/* The file behind a link of /proc/PID. */
static void linked(pid_t pid, const char *link, char *path)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/%s", pid, link);
    ssize_t length = readlink(name, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
}

static void of_descriptor(pid_t pid, int descriptor, char *path)
{
    char link[32];
    snprintf(link, sizeof link, "fd/%d", descriptor);
    linked(pid, link, path);
}

/* Copies memory of the program, up to the end of a page where the rest is not readable. */
static size_t peek(pid_t pid, unsigned long from, void *to, size_t length)
{
    struct iovec here = {to, length}, there = {(void *)from, length};
    ssize_t copied = process_vm_readv(pid, &here, 1, &there, 1, 0);
    size_t page = 4096 - from % 4096;
    if (copied < 0 && page < length) {
        here.iov_len = there.iov_len = page;
        copied = process_vm_readv(pid, &here, 1, &there, 1, 0);
    }
    return copied < 0 ? 0 : (size_t)copied;
}

/* The path at an address, relative to a folder's descriptor; with an empty path, its file. */
static void of_address(pid_t pid, int at, unsigned long address, char *path)
{
    char given[PATH_MAX] = "", start[PATH_MAX] = "";
    peek(pid, address, given, sizeof given - 1);
    given[sizeof given - 1] = 0;
    if (given[0] == '/') {
        strcpy(path, given);
        return;
    }
    if (at == AT_FDCWD)
        linked(pid, "cwd", start);
    else
        of_descriptor(pid, at, start);
    if (given[0] && strlen(start) + strlen(given) + 2 < PATH_MAX)
        strcat(strcat(start, "/"), given);
    strcpy(path, start);
}

/* The i-th argument of the stopped call. */
static unsigned long argument(const struct user_regs_struct *r, int i)
{
    const unsigned long all[] = {r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9};
    return all[i];
}

/* Whether the call concerns the folder, a socket or a new descriptor; `path` gets what it is. */
static int concerns(pid_t pid, const struct call *call, const struct user_regs_struct *r, char *path)
{
    switch (call->names) {
    case FD:
        of_descriptor(pid, argument(r, 0), path);
        if (call->number == SYS_sendfile || call->number == SYS_copy_file_range) {
            int to = call->number == SYS_sendfile ? 0 : 2;
            of_descriptor(pid, argument(r, to), path);
        }
        return is_below(path) || !strncmp(path, "socket:", 7);
    case MAP:
        of_descriptor(pid, argument(r, 4), path);
        return (int)argument(r, 4) >= 0 && is_below(path);
    case SOCKET:
        of_descriptor(pid, argument(r, 0), path);
        return 1;
    case NEW:
        strcpy(path, "-");
        return 1;
    case PATH:
        of_address(pid, AT_FDCWD, argument(r, 0), path);
        return is_below(path);
    case PATH_LAST:
        of_address(pid, AT_FDCWD, argument(r, 1), path);
        return is_below(path);
    case AT:
        of_address(pid, argument(r, 0), argument(r, 1), path);
        return is_below(path);
    case AT_LAST:
        of_address(pid, argument(r, 1), argument(r, 2), path);
        return is_below(path);
    case TWO_PATHS:
        of_address(pid, AT_FDCWD, argument(r, 1), path);
        return is_below(path);
    default:
        of_address(pid, argument(r, 2), argument(r, 3), path);
        return is_below(path);
    }
}

/* In which manners this call, with these arguments, can fail. */
static int manners(pid_t pid, const struct call *call, const struct user_regs_struct *r)
{
    int fails = call->fails;
    unsigned long flags;
    switch (call->number) {
    case SYS_open:
    case SYS_openat:
        flags = argument(r, call->number == SYS_open ? 1 : 2);
        return flags & (O_CREAT | O_TMPFILE) & ~O_DIRECTORY ? fails | FULL : fails;
    case SYS_fcntl: {
        struct flock lock;
        unsigned long command = argument(r, 1);
        if (command == F_DUPFD || command == F_DUPFD_CLOEXEC)
            return NO_HANDLES;
        if (command != F_SETLK && command != F_SETLKW && command != F_OFD_SETLK)
            return 0;
        int known = peek(pid, argument(r, 2), &lock, sizeof lock) == sizeof lock;
        return known && lock.l_type != F_UNLCK ? LOCKS : 0;
    }
    case SYS_flock:
        if (argument(r, 1) & LOCK_UN)
            return 0;
        return argument(r, 1) & LOCK_NB ? fails : fails & ~BUSY;
    case SYS_readv:
    case SYS_writev:
    case SYS_preadv:
    case SYS_pwritev:
    case SYS_read:
    case SYS_pread64:
    case SYS_write:
    case SYS_pwrite64:
    case SYS_sendto:
    case SYS_recvfrom:
        return argument(r, 2) > 1 ? fails : fails & ~SHORT;
    }
    return fails;
}

/* Makes the stopped call fail, or only a part of it happen. */
static void spoil(pid_t pid, const struct call *call, int kind, int is_part,
                  struct user_regs_struct *r, const char *path)
{
    int error = kinds[kind].error;
    if (is_part) {
        int is_vector = call->number == SYS_readv || call->number == SYS_writev ||
                        call->number == SYS_preadv || call->number == SYS_pwritev;
        if (call->number == SYS_sendfile)
            r->r10 = (r->r10 + 1) / 2;
        else if (call->number == SYS_copy_file_range)
            r->r8 = (r->r8 + 1) / 2;
        else
            r->rdx = is_vector ? 1 : (r->rdx + 1) / 2;
    } else {
        if (kinds[kind].flag == BROKEN && !strncmp(path, "socket:", 7))
            error = call->number == SYS_connect ? ECONNREFUSED : ECONNRESET;
        r->orig_rax = -1;
        r->rax = -error;
    }
    if (ptrace(PTRACE_SETREGS, pid, 0, r))
        die("ptrace");
}

static void start(char **command)
{
    struct sock_filter filter[CALLS + 3];
    int n = 0;
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                               offsetof(struct seccomp_data, nr));
    for (int i = 0; i < CALLS; i++, n++)
        filter[n] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number,
                                                 CALLS - i, 0);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    struct sock_fprog program = {n, filter};
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        die("seccomp");
    execvp(command[0], command);
    die(command[0]);
}

int main(int argc, char **argv)
{
    if (argc < 8 || strcmp(argv[6], "--")) {
        fprintf(stderr, "inject KIND once|stay|none N REPORT FOLDER -- PROGRAM [ARGUMENT]...\n");
        return 125;
    }
    int kind = 0;
    while (kind < KINDS && strcmp(kinds[kind].name, argv[1]))
        kind++;
    if (kind == KINDS) {
        fprintf(stderr, "no such kind: %s\n", argv[1]);
        return 125;
    }
    int once = !strcmp(argv[2], "once"), stay = !strcmp(argv[2], "stay");
    long at = atol(argv[3]), seen[KINDS] = {0};
    folder = argv[5];
    FILE *report = fopen(argv[4], "we");
    if (!report)
        die(argv[4]);

    pid_t child = fork();
    if (!child)
        start(argv + 7);
    int status;
    long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                   PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (waitpid(child, &status, 0) != child || ptrace(PTRACE_SETOPTIONS, child, 0, options))
        die("ptrace");
    ptrace(PTRACE_CONT, child, 0, 0);
    int started = 0;
    for (;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0)
            die("wait");
        if (!WIFSTOPPED(status)) {
            if (pid == child)
                break;
            continue;
        }
        int event = status >> 16, signal = event ? 0 : WSTOPSIG(status);
        started |= event == PTRACE_EVENT_EXEC;
        struct user_regs_struct r;
        if (event == PTRACE_EVENT_SECCOMP && started && !ptrace(PTRACE_GETREGS, pid, 0, &r)) {
            const struct call *call = calls;
            while (call < calls + CALLS && call->number != (int)r.orig_rax)
                call++;
            char path[PATH_MAX];
            int fails = call < calls + CALLS && concerns(pid, call, &r, path)
                            ? manners(pid, call, &r) : 0;
            for (int i = 0; i < KINDS; i++)
                seen[i] += !!(fails & kinds[i].flag);
            long n = fails & kinds[kind].flag ? seen[kind] : 0;
            if (n && ((once && n == at) || (stay && n >= at))) {
                /* A disk that becomes full has room for the first part. */
                int is_part = kinds[kind].flag == SHORT ||
                              (kinds[kind].flag == FULL && stay && n == at && fails & SHORT);
                if (kinds[kind].flag == ANY)
                    kill(child, SIGKILL);
                else
                    spoil(pid, call, kind, is_part, &r, path);
                fprintf(report, "failed %s %s\n", call->name, path);
            }
        }
        /* New threads begin with a stop of their own. */
        ptrace(PTRACE_CONT, pid, 0, signal == SIGSTOP ? 0 : signal);
    }
    for (int i = 0; i < KINDS; i++)
        fprintf(report, "%s %ld\n", kinds[i].name, seen[i]);
    fclose(report);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
