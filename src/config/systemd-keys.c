/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which keys are systemd's own, from systemd.unit(5), systemd.service(5), systemd.exec(5),
 * systemd.kill(5) and systemd.resource-control(5). */
#include "config/systemd-keys.h"

#include "config/keys.h"

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
        "AssertCPUPressure AssertIOPressure AssertFirmware AssertKernelModuleLoaded";

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
        "UtmpMode SELinuxContext AppArmorProfile SmackProcessLabel MemoryKSM LandlockConfig SendSIGKILL SendSIGHUP "
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

static const char install_keys[] = "Alias WantedBy RequiredBy UpheldBy Also DefaultInstance";

/* Whether `name` is one of the space-separated `names`. Asked for every line of every file, so the
 * C library does the searching. */
static bool holds(const char *names, const char *name) {
        size_t n = strlen(name);

        for (const char *found = names; n > 0 && (found = strstr(found, name)); found += n)
                if ((found == names || found[-1] == ' ') && (found[n] == ' ' || found[n] == '\0'))
                        return true;
        return false;
}

const char *systemd_section_of(const char *key) {
        return holds(unit_keys, key)      ? "Unit"
               : holds(service_keys, key) ? "Service"
               : holds(install_keys, key) ? "Install"
                                          : NULL;
}

void check_systemd_section(const Entry *entry, const char *own, Diagnostics *diagnostics) {
        const char *home = systemd_section_of(entry->key);

        if (!home && key_find(own, entry->key))
                diagnose_error(diagnostics, &entry->where, "\"%s\" belongs in [%s], not in [%s]", entry->key, own,
                               entry->section);
        else if (home && !streq(home, entry->section))
                diagnose_warning(diagnostics, &entry->where, "\"%s\" belongs in [%s], not in [%s]", entry->key, home,
                                 entry->section);
}
