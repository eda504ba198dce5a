//! The order of values in events, for sources that drop their names: `Get-WinEvent` gives
//! `Properties` as a bare list. Source: the events' manifests; Security events only ever grow at
//! their end, Sysmon's also within.

const SECURITY: &str = "Microsoft-Windows-Security-Auditing";
const SYSMON: &str = "Microsoft-Windows-Sysmon";
const SERVICES: &str = "Service Control Manager";

const DEFENDER: &str = "Microsoft-Windows-Windows Defender";

const VERDICT: &str = "ProductName ProductVersion DetectionID DetectionTime Unused Unused2 ThreatID ThreatName SeverityID SeverityName CategoryID CategoryName FWLink StatusCode StatusDescription State SourceID SourceName ProcessName DetectionUser Unused3 Path OriginID OriginName ExecutionID ExecutionName TypeID TypeName PreExecutionStatus ActionID ActionName Unused4 ErrorCode ErrorDescription Unused5 PostCleanStatus AdditionalActionsID AdditionalActionsString RemediationUser Unused6 SecurityintelligenceVersion EngineVersion";

const MEMBER: &str = "MemberName MemberSid TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList";

/// Provider, event id, and the names in order.
const POSITIONS: [(&str, u32, &str); 51] = [
    (
        SERVICES,
        7045,
        "ServiceName ImagePath ServiceType StartType AccountName",
    ),
    (SERVICES, 7035, "param1 param2"),
    (SERVICES, 7036, "param1 param2"),
    (SERVICES, 7036, "param1 param2 Binary"),
    (SERVICES, 7000, "param1 param2"),
    (SERVICES, 7000, "param1 param2 Binary"),
    (SERVICES, 7009, "param1 param2"),
    (SERVICES, 7009, "param1 param2 Binary"),
    (SERVICES, 7034, "param1 param2"),
    (SERVICES, 7034, "param1 param2 Binary"),
    (SERVICES, 7040, "param1 param2 param3 param4"),
    (
        SECURITY,
        4624,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType LogonProcessName AuthenticationPackageName WorkstationName LogonGuid TransmittedServices LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort ImpersonationLevel RestrictedAdminMode TargetOutboundUserName TargetOutboundDomainName VirtualAccount TargetLinkedLogonId ElevatedToken",
    ),
    (
        SECURITY,
        4625,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetUserSid TargetUserName TargetDomainName Status FailureReason SubStatus LogonType LogonProcessName AuthenticationPackageName WorkstationName TransmittedServices LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort",
    ),
    (
        SECURITY,
        4627,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType EventIdx EventCountTotal GroupMembership",
    ),
    (
        SECURITY,
        4634,
        "TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType",
    ),
    (
        SECURITY,
        4647,
        "TargetUserSid TargetUserName TargetDomainName TargetLogonId",
    ),
    (
        SECURITY,
        4648,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId LogonGuid TargetUserName TargetDomainName TargetLogonGuid TargetServerName TargetInfo ProcessId ProcessName IpAddress IpPort",
    ),
    (
        SECURITY,
        4672,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList",
    ),
    (
        SECURITY,
        4674,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectServer ObjectType ObjectName HandleId AccessMask PrivilegeList ProcessId ProcessName",
    ),
    (
        SECURITY,
        4688,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId NewProcessId NewProcessName TokenElevationType ProcessId CommandLine TargetUserSid TargetUserName TargetDomainName TargetLogonId ParentProcessName MandatoryLabel",
    ),
    (
        SECURITY,
        4689,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId Status ProcessId ProcessName",
    ),
    (
        SECURITY,
        4697,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ServiceName ServiceFileName ServiceType ServiceStartType ServiceAccount",
    ),
    (
        SECURITY,
        4698,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TaskName TaskContent",
    ),
    (
        SECURITY,
        4720,
        "TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList SamAccountName DisplayName UserPrincipalName HomeDirectory HomePath ScriptPath ProfilePath UserWorkstations PasswordLastSet AccountExpires PrimaryGroupId AllowedToDelegateTo OldUacValue NewUacValue UserAccountControl UserParameters SidHistory LogonHours",
    ),
    (SECURITY, 4728, MEMBER),
    (SECURITY, 4729, MEMBER),
    (SECURITY, 4732, MEMBER),
    (SECURITY, 4733, MEMBER),
    (SECURITY, 4756, MEMBER),
    (SECURITY, 4757, MEMBER),
    (
        SECURITY,
        4776,
        "PackageName TargetUserName Workstation Status",
    ),
    (
        SECURITY,
        5140,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectType IpAddress IpPort ShareName ShareLocalPath AccessMask AccessList",
    ),
    (
        SECURITY,
        5145,
        "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectType IpAddress IpPort ShareName ShareLocalPath RelativeTargetName AccessMask AccessList AccessReason",
    ),
    // Their own names have spaces: those that matter are spelt by the layout ([`super::names`]).
    (DEFENDER, 1116, VERDICT),
    (DEFENDER, 1117, VERDICT),
    (
        SYSMON,
        1,
        "RuleName UtcTime ProcessGuid ProcessId Image FileVersion Description Product Company CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine",
    ),
    (
        SYSMON,
        1,
        "RuleName UtcTime ProcessGuid ProcessId Image FileVersion Description Product Company OriginalFileName CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine",
    ),
    (
        SYSMON,
        1,
        "RuleName UtcTime ProcessGuid ProcessId Image FileVersion Description Product Company OriginalFileName CommandLine CurrentDirectory User LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser",
    ),
    (
        SYSMON,
        3,
        "RuleName UtcTime ProcessGuid ProcessId Image User Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort DestinationPortName",
    ),
    (SYSMON, 5, "RuleName UtcTime ProcessGuid ProcessId Image"),
    (
        SYSMON,
        5,
        "RuleName UtcTime ProcessGuid ProcessId Image User",
    ),
    (
        SYSMON,
        11,
        "RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime",
    ),
    (
        SYSMON,
        11,
        "RuleName UtcTime ProcessGuid ProcessId Image TargetFilename CreationUtcTime User",
    ),
    (
        SYSMON,
        12,
        "RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject",
    ),
    (
        SYSMON,
        12,
        "RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject User",
    ),
    (
        SYSMON,
        13,
        "RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject Details",
    ),
    (
        SYSMON,
        13,
        "RuleName EventType UtcTime ProcessGuid ProcessId Image TargetObject Details User",
    ),
    (
        SYSMON,
        17,
        "RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image",
    ),
    (
        SYSMON,
        17,
        "RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image User",
    ),
    (
        SYSMON,
        18,
        "RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image",
    ),
    (
        SYSMON,
        18,
        "RuleName EventType UtcTime ProcessGuid ProcessId PipeName Image User",
    ),
];

/// Fewest values of a Security event of an older version.
const FEWEST: usize = 8;

/// The names of an event's values, in order, when it has so many of them.
pub(super) fn names(
    provider: &str,
    event_id: u32,
    count: usize,
) -> Option<impl Iterator<Item = &'static str>> {
    let rows = POSITIONS.iter();
    rows.filter(|(own, id, _)| *own == provider && *id == event_id)
        .map(|(.., names)| names.split(' '))
        .find(|names| {
            let known = names.clone().count();
            known == count || provider == SECURITY && (FEWEST..known).contains(&count)
        })
}
