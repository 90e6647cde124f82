/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verbs of berth-helper, one file each but for create, which is in run.c. `instance` is the
 * unit's %i. All log what is wrong and return 0 or a negative errno. */
#pragma once

/* ExecStartPre=, the first half of a start: reads the file, mounts, writes config.json. */
int verb_prepare(const char *instance);

/* ExecStart=, the second half, or all of it where nothing was prepared: has the runtime create the
 * container, hands its first process to systemd as the unit's main process, and lets it go on. */
int verb_run(const char *instance);

/* The same without the last step, for runtimes that take long over a start; ExecStartPost= does it
 * then. */
int verb_create(const char *instance);

/* ExecStartPost=: lets the first process of a created container go on. Becomes the runtime. */
int verb_start(const char *instance);

/* ExecReload=, where there is a ReloadCmd=: runs it in the container. Becomes the runtime. */
int verb_reload(const char *instance);

/* ExecStart= of container-health@.service: runs the container's health check. */
int verb_health(const char *instance);

/* ExecStartPost= of a container with Notify=healthy: ends when its health check has succeeded for
 * the first time, and fails when it never will. */
int verb_await_healthy(const char *instance);

/* ExecStart= of container-notify@.service: passes the notifications of a container with Notify=yes
 * on to systemd. */
int verb_pass_notifications(const char *instance);

/* ExecStop=, where the drop-in has one: waits, if need be, until
 * the stop signal that systemd is about to send would be heard. */
int verb_stop(const char *instance);

/* ExecStop= with CheckpointOnStop=yes: writes a checkpoint and ends the container, unless the stop
 * is that of a restart or of something wrong. When that cannot be, it is stopped as any other. */
int verb_sleep(const char *instance);

/* ExecStopPost=: undoes everything, after whatever end. */
int verb_cleanup(const char *instance);

/* ExecStart= of a service for one connection (Accept=yes): has the container started, and hands the
 * service over to it. */
int verb_hand_over(const char *instance);

/* ExecStopPost= of the same: nothing of the container stays, not even that it has failed. */
int verb_hand_over_end(const char *instance);

/* Of container-dns.service. ExecCondition=: whether a network has names. Returns -ENOENT, without a
 * word, if none has. */
int verb_dns_needed(const char *instance);

/* ExecStart=: becomes aardvark-dns. */
int verb_dns(const char *instance);

/* ExecStart= of a user's container-networks.service: makes what the user's networks are in, and
 * becomes pasta, which is their way out. */
int verb_networks(const char *instance);

/* Of container-network@.service. ExecStart=: makes the network of a file, with its bridge. */
int verb_network_up(const char *instance);

/* ExecStopPost=: removes it, unless containers are on it. */
int verb_network_down(const char *instance);

/* Of berth-network-reload.service: puts what networks need of the packet filter back. */
int verb_network_reload(const char *instance);

/* Of container-pod@.service. ExecStart=: makes the namespaces of a pod, and has its containers
 * start. */
int verb_pod_up(const char *instance);

/* ExecStopPost=: undoes it. */
int verb_pod_down(const char *instance);

/* ExecStart= of container-pod-network@.service: runs the program that is a pod's network, and hands
 * the service over to it. */
int verb_pod_network(const char *instance);

/* Of container-volume@.service. ExecStart=: makes the volume, and mounts what its file says. */
int verb_volume_up(const char *instance);

/* ExecStopPost=: unmounts it. The volume stays. */
int verb_volume_down(const char *instance);

/* ExecStop= of a unit that is another one by another name: stops that one before, when it is being
 * stopped, too, and fails when that one has. */
int verb_companion_stop(const char *unit_name);

/* The exit status, EX_CONFIG of <sysexits.h>, after which a unit is not to be restarted: what is
 * wrong must be put right first. -EHOPELESS makes it; that is an errno which nothing else here
 * gives. */
#define EXIT_HOPELESS 78
#define EHOPELESS ENOTRECOVERABLE

/* ExecStart= of container-image@.service: pulls the image that the instance names. Returns
 * -EHOPELESS when it would fail again. */
int verb_pull(const char *instance);
