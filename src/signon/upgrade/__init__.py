"""The one-time way from a legacy account to an upgraded one."""
