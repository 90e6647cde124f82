/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which keys are systemd's own, from systemd.unit(5), systemd.service(5), systemd.exec(5),
 * systemd.kill(5) and systemd.resource-control(5). What two systemds know is compared with it in
 * tests/guest/cases/source-systemd-keys.sh, where what only newer ones know is named. */
#include "config/systemd-keys.h"

#include "basic/text.h"
#include "basic/words.h"
#include "config/keys.h"
#include "config/sandbox.h"
#include "config/systemd-values.h"
#include "source/unit-reference.h"

static const char unit_keys[] =
        "Description Documentation SourcePath Wants Requires Requisite BindsTo PartOf Upholds Conflicts Before After "
        "OnFailure OnSuccess PropagatesReloadTo ReloadPropagatedFrom PropagatesStopTo StopPropagatedFrom "
        "JoinsNamespaceOf RequiresMountsFor WantsMountsFor OnSuccessJobMode OnFailureJobMode IgnoreOnIsolate "
        "StopWhenUnneeded RefuseManualStart RefuseManualStop AllowIsolate DefaultDependencies SurviveFinalKillSignal "
        "CollectMode FailureAction SuccessAction FailureActionExitStatus SuccessActionExitStatus JobTimeoutSec "
        "JobRunningTimeoutSec JobTimeoutAction JobTimeoutRebootArgument StartLimitIntervalSec StartLimitInterval "
        "StartLimitBurst StartLimitAction RebootArgument ConditionArchitecture ConditionVirtualization ConditionHost "
        "ConditionKernelCommandLine ConditionKernelVersion ConditionVersion ConditionCredential ConditionEnvironment "
        "ConditionSecurity ConditionCapability ConditionACPower ConditionNeedsUpdate ConditionFirstBoot "
        "ConditionPathExists ConditionPathExistsGlob ConditionPathIsDirectory ConditionPathIsSymbolicLink "
        "ConditionPathIsMountPoint ConditionPathIsReadWrite ConditionPathIsEncrypted ConditionPathIsSocket "
        "ConditionDirectoryNotEmpty ConditionFileNotEmpty ConditionFileIsExecutable ConditionUser ConditionGroup "
        "ConditionControlGroupController ConditionMemory ConditionCPUs ConditionCPUFeature ConditionOSRelease "
        "ConditionMemoryPressure ConditionCPUPressure ConditionIOPressure ConditionFirmware "
        "ConditionKernelModuleLoaded AssertArchitecture AssertVirtualization AssertHost AssertKernelCommandLine "
        "AssertKernelVersion AssertVersion AssertCredential AssertEnvironment AssertSecurity AssertCapability "
        "AssertACPower AssertNeedsUpdate AssertFirstBoot AssertPathExists AssertPathExistsGlob AssertPathIsDirectory "
        "AssertPathIsSymbolicLink AssertPathIsMountPoint AssertPathIsReadWrite AssertPathIsEncrypted "
        "AssertPathIsSocket AssertDirectoryNotEmpty AssertFileNotEmpty AssertFileIsExecutable AssertUser AssertGroup "
        "AssertControlGroupController AssertMemory AssertCPUs AssertCPUFeature AssertOSRelease AssertMemoryPressure "
        "AssertCPUPressure AssertIOPressure AssertKernelModuleLoaded";

static const char service_keys[] =
        "Type ExitType RemainAfterExit GuessMainPID PIDFile BusName ExecStart ExecStartPre ExecStartPost "
        "ExecCondition ExecReload ExecReloadPost ExecStop ExecStopPost RestartSec RestartSteps RestartMaxDelaySec "
        "RestartMode TimeoutStartSec TimeoutStopSec TimeoutAbortSec TimeoutSec TimeoutStartFailureMode "
        "TimeoutStopFailureMode RuntimeMaxSec RuntimeRandomizedExtraSec WatchdogSec Restart SuccessExitStatus "
        "RestartPreventExitStatus RestartForceExitStatus RootDirectoryStartOnly NonBlocking NotifyAccess Sockets "
        "FileDescriptorStoreMax FileDescriptorStorePreserve USBFunctionDescriptors USBFunctionStrings OOMPolicy "
        "OpenFile ReloadSignal RefreshOnReload WorkingDirectory RootDirectory RootImage RootImageOptions "
        "RootImagePolicy RootHash RootHashSignature RootVerity RootEphemeral ExtensionDirectories ExtensionImages "
        "ExtensionImagePolicy MountImages MountImagePolicy User Group SupplementaryGroups SetLoginEnvironment Nice "
        "OOMScoreAdjust CoredumpFilter IOSchedulingClass IOSchedulingPriority CPUSchedulingPolicy "
        "CPUSchedulingPriority CPUSchedulingResetOnFork CPUAffinity NUMAPolicy NUMAMask UMask Environment "
        "EnvironmentFile PassEnvironment UnsetEnvironment DynamicUser RemoveIPC StandardInput StandardOutput "
        "StandardError StandardInputText StandardInputData TTYPath TTYReset TTYVHangup TTYVTDisallocate TTYRows "
        "TTYColumns SyslogIdentifier SyslogFacility SyslogLevel SyslogLevelPrefix LogLevelMax LogRateLimitIntervalSec "
        "LogRateLimitBurst LogExtraFields LogFilterPatterns LogNamespace SecureBits CapabilityBoundingSet "
        "AmbientCapabilities TimerSlackNSec NoNewPrivileges KeyringMode ProtectProc ProcSubset PrivateBPF "
        "BPFDelegateCommands BPFDelegateMaps BPFDelegatePrograms BPFDelegateAttachments SystemCallFilter "
        "SystemCallArchitectures SystemCallErrorNumber SystemCallLog MemoryDenyWriteExecute RestrictNamespaces "
        "DelegateNamespaces RestrictRealtime RestrictSUIDSGID RestrictAddressFamilies RestrictFileSystems "
        "LockPersonality LimitCPU LimitFSIZE LimitDATA LimitSTACK LimitCORE LimitRSS LimitNOFILE LimitAS LimitNPROC "
        "LimitMEMLOCK LimitLOCKS LimitSIGPENDING LimitMSGQUEUE LimitNICE LimitRTPRIO LimitRTTIME ReadWritePaths "
        "ReadOnlyPaths InaccessiblePaths ExecPaths NoExecPaths ExecSearchPath BindPaths BindReadOnlyPaths "
        "TemporaryFileSystem PrivateTmp PrivateDevices ProtectKernelTunables ProtectKernelModules ProtectKernelLogs "
        "ProtectClock ProtectControlGroups NetworkNamespacePath IPCNamespacePath PrivateNetwork PrivateUsers "
        "PrivateMounts PrivateIPC PrivatePIDs ProtectSystem ProtectHome ProtectHostname MountFlags MountAPIVFS "
        "BindLogSockets Personality RuntimeDirectory RuntimeDirectoryMode RuntimeDirectoryPreserve StateDirectory "
        "StateDirectoryMode StateDirectoryAccounting StateDirectoryQuota CacheDirectory CacheDirectoryMode "
        "CacheDirectoryAccounting CacheDirectoryQuota LogsDirectory LogsDirectoryMode LogsDirectoryAccounting "
        "LogsDirectoryQuota ConfigurationDirectory ConfigurationDirectoryMode SetCredential SetCredentialEncrypted "
        "LoadCredential LoadCredentialEncrypted ImportCredential TimeoutCleanSec PAMName IgnoreSIGPIPE UtmpIdentifier "
        "UtmpMode SELinuxContext AppArmorProfile SmackProcessLabel MemoryKSM SendSIGKILL SendSIGHUP "
        "KillMode KillSignal RestartKillSignal FinalKillSignal WatchdogSignal Slice AllowedCPUs StartupAllowedCPUs "
        "AllowedMemoryNodes StartupAllowedMemoryNodes CPUAccounting CPUWeight StartupCPUWeight CPUQuota "
        "CPUQuotaPeriodSec MemoryAccounting MemoryMin DefaultMemoryMin DefaultMemoryLow DefaultStartupMemoryLow "
        "MemoryLow StartupMemoryLow MemoryHigh StartupMemoryHigh MemoryMax StartupMemoryMax MemorySwapMax "
        "StartupMemorySwapMax MemoryZSwapMax StartupMemoryZSwapMax MemoryZSwapWriteback MemoryLimit DeviceAllow "
        "DevicePolicy IOAccounting IOWeight StartupIOWeight IODeviceWeight IOReadBandwidthMax IOWriteBandwidthMax "
        "IOReadIOPSMax IOWriteIOPSMax IODeviceLatencyTargetSec TasksAccounting TasksMax Delegate DelegateSubgroup "
        "DisableControllers IPAccounting IPAddressAllow IPAddressDeny IPIngressFilterPath IPEgressFilterPath "
        "ManagedOOMSwap ManagedOOMMemoryPressure ManagedOOMMemoryPressureLimit ManagedOOMMemoryPressureDurationSec "
        "ManagedOOMPreference BPFProgram SocketBindAllow SocketBindDeny RestrictNetworkInterfaces "
        "MemoryPressureThresholdSec MemoryPressureWatch NFTSet CoredumpReceive";

static const char socket_keys[] =
        "ListenStream ListenDatagram ListenSequentialPacket ListenFIFO ListenSpecial ListenNetlink "
        "ListenMessageQueue ListenUSBFunction SocketProtocol BindIPv6Only Backlog BindToDevice SocketUser SocketGroup "
        "SocketMode DirectoryMode Accept Writable FlushPending MaxConnections MaxConnectionsPerSource KeepAlive "
        "KeepAliveTimeSec KeepAliveIntervalSec KeepAliveProbes NoDelay Priority DeferAcceptSec ReceiveBuffer "
        "SendBuffer IPTOS IPTTL Mark ReusePort SmackLabel SmackLabelIPIn SmackLabelIPOut SELinuxContextFromNet "
        "PipeSize MessageQueueMaxMessages MessageQueueMessageSize FreeBind Transparent Broadcast PassCredentials "
        "PassSecurity PassPacketInfo Timestamping TCPCongestion ExecStopPre Service RemoveOnStop Symlinks "
        "FileDescriptorName TriggerLimitIntervalSec TriggerLimitBurst PollLimitIntervalSec PollLimitBurst "
        "PassFileDescriptorsToExec DeferTrigger DeferTriggerMaxSec PassPIDFD AcceptFileDescriptors";

static const char install_keys[] = "Alias WantedBy RequiredBy UpheldBy Also DefaultInstance";

/* What systemd still takes from the time before it had other names or another section for it. It is
 * not wrong, and not what somebody meant who wrote something else. */
static const char old_unit_keys[] =
        "BindTo OnFailureIsolate PropagateReloadFrom PropagateReloadTo RequiresOverridable RequisiteOverridable";

static const char old_service_keys[] =
        "FailureAction RebootArgument StartLimitAction StartLimitBurst StartLimitInterval PermissionsStartOnly "
        "InaccessibleDirectories ReadOnlyDirectories ReadWriteDirectories CPUShares StartupCPUShares BlockIOAccounting "
        "BlockIODeviceWeight BlockIOReadBandwidth BlockIOWeight BlockIOWriteBandwidth StartupBlockIOWeight";

/* Whether `name` is one of the space-separated `names`. Asked for every line of every file, so the
 * C library does the searching. */
static bool holds(const char *names, const char *name) {
        size_t n = strlen(name);

        for (const char *found = names; n > 0 && (found = strstr(found, name)); found += n)
                if ((found == names || found[-1] == ' ') && (found[n] == ' ' || found[n] == '\0'))
                        return true;
        return false;
}

static bool in_unit(const char *key) {
        return holds(unit_keys, key) || holds(old_unit_keys, key);
}

static bool in_service(const char *key) {
        return holds(service_keys, key) || holds(old_service_keys, key);
}

/* A few keys are old ones of [Service] and today's of [Unit]. */
const char *systemd_section_of(const char *key) {
        return in_unit(key)               ? "Unit"
               : in_service(key)          ? "Service"
               : holds(install_keys, key) ? "Install"
               : holds(socket_keys, key)  ? "Socket"
                                          : NULL;
}

/* How the commands of a socket are run, and with what, is said by keys of [Service]. */
static bool in_socket(const char *key) {
        return holds(socket_keys, key) || in_service(key);
}

/* Whether systemd takes the key in [Unit], [Socket] or [Service], whichever is asked for. */
static bool is_at_home(const char *section, const char *key) {
        return streq(section, "Unit") ? in_unit(key) : streq(section, "Socket") ? in_socket(key) : in_service(key);
}

/* Returns the name in the space-separated `names` that is nearest to `name`; NULL when none is
 * near. `buffer` holds it. */
static const char *suggest(const char *names, const char *name, char *buffer, size_t size) {
        char candidate[64];
        Nearest nearest = { .wanted = name };

        for (const char *p = names; *p; p += strspn(p, " ")) {
                size_t n = strcspn(p, " ");

                if (n < sizeof(candidate)) {
                        memcpy(candidate, p, n);
                        candidate[n] = '\0';
                        nearest_consider(&nearest, candidate);
                        if (nearest.name == candidate && n < size) {
                                memcpy(buffer, candidate, n + 1);
                                nearest.name = buffer;
                        }
                }
                p += n;
        }
        return nearest.name;
}

/* systemd tells the journal of such a key, and goes on without it. */
static void warn_unknown(const Entry *entry, Diagnostics *diagnostics) {
        const char *names = streq(entry->section, "Unit")     ? unit_keys
                            : streq(entry->section, "Socket") ? socket_keys
                                                              : service_keys;
        const char *meant;
        char buffer[64];

        if (startswith(entry->key, "X-") || startswith(entry->key, "-"))
                return;
        meant = suggest(names, entry->key, buffer, sizeof(buffer));
        if (meant)
                diagnose_warning(diagnostics, &entry->where,
                                 "systemd knows no \"%s\" in [%s]; did you mean \"%s\"?", entry->key, entry->section,
                                 meant);
        else
                diagnose_warning(diagnostics, &entry->where, "systemd knows no \"%s\" in [%s]", entry->key,
                                 entry->section);
}

bool install_key_takes_targets(const char *key) {
        return streq(key, "WantedBy") || streq(key, "RequiredBy") || streq(key, "UpheldBy");
}

void warn_install_key(const Entry *entry, Diagnostics *diagnostics) {
        const char *meant;
        char buffer[64];

        if (startswith(entry->key, "X-") || startswith(entry->key, "-"))
                return;
        /* Also= is known, and useless here. */
        meant = holds(install_keys, entry->key) ? NULL : suggest(install_keys, entry->key, buffer, sizeof(buffer));
        if (meant)
                diagnose_warning(diagnostics, &entry->where, "%s= in [Install] has no effect; did you mean \"%s\"?",
                                 entry->key, meant);
        else
                diagnose_warning(diagnostics, &entry->where, "%s= in [Install] has no effect", entry->key);
}

/* Keys with a few words as their value, from systemd.service(5), systemd.kill(5) and
 * systemd.exec(5). `other` is a word of another program, and what it is for systemd. */
static const struct Choice {
        const char *key, *values, *other, *meant;
} choices[] = {
        { "CollectMode", "inactive inactive-or-failed", NULL, NULL },
        { "DevicePolicy", "auto closed strict", NULL, NULL },
        { "ExitType", "main cgroup", NULL, NULL },
        { "KeyringMode", "inherit private shared", NULL, NULL },
        { "OOMPolicy", "continue stop kill", NULL, NULL },
        { "OnFailureJobMode", "fail replace replace-irreversibly isolate flush ignore-dependencies ignore-requirements",
          NULL, NULL },
        { "ProcSubset", "all pid", NULL, NULL },
        { "ProtectProc", "default noaccess invisible ptraceable", NULL, NULL },
        { "Restart", "no on-success on-failure on-abnormal on-watchdog on-abort always", "unless-stopped", "always" },
        { "RestartMode", "normal direct debug", NULL, NULL },
        { "TimeoutStartFailureMode", "terminate abort kill", NULL, NULL },
        { "TimeoutStopFailureMode", "terminate abort kill", NULL, NULL },
};

static void check_choice(const Entry *entry, Diagnostics *diagnostics) {
        Location where = entry_location(entry, 0);
        char buffer[64];

        for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
                const struct Choice *choice = &choices[i];
                const char *meant = choice->meant;

                if (!streq(choice->key, entry->key) || strchr(entry->value, '%') || holds(choice->values, entry->value))
                        continue;
                if (!streq_null(choice->other, entry->value))
                        meant = suggest(choice->values, entry->value, buffer, sizeof(buffer));
                diagnose_warning(diagnostics, &where,
                                 meant ? "systemd ignores %s=%s; did you mean \"%s\"?" : "systemd ignores %s=%s",
                                 entry->key, entry->value, meant);
                return;
        }
}

/* "After=network": systemd takes a name without an ending as no unit at all. */
static void check_units(const Entry *entry, Diagnostics *diagnostics) {
        const char *rest = entry->value, *start;

        for (;;) {
                _cleanup_free_ char *word = NULL;
                Location where;

                if (word_extract(&rest, &word, &start) <= 0)
                        return;
                if (strchr(word, '.') || strchr(word, '%'))
                        continue;
                where = entry_location(entry, (size_t) (start - entry->value));
                diagnose_warning(diagnostics, &where, "systemd ignores \"%s\": the name of a unit ends in %s", word,
                                 startswith(word, "network") ? ".target" : ".service, .target …");
        }
}

void check_systemd_section(const Entry *entry, const char *own, Diagnostics *diagnostics) {
        const char *home = systemd_section_of(entry->key);

        if (!home && key_find(own, entry->key))
                diagnose_error(diagnostics, &entry->where, "\"%s\" belongs in [%s], not in [%s]", entry->key, own,
                               entry->section);
        else if (home && !is_at_home(entry->section, entry->key))
                diagnose_warning(diagnostics, &entry->where, "\"%s\" belongs in [%s], not in [%s]", entry->key, home,
                                 entry->section);
        else if (!home && !section_is_ours(entry->section))
                warn_unknown(entry, diagnostics);
        if (!streq(own, "Container") || !sandbox_key_find(entry->key))
                check_choice(entry, diagnostics);
        check_systemd_value(entry, diagnostics);
        if (streq(entry->section, "Unit") && key_takes_units(entry->key))
                check_units(entry, diagnostics);
}
