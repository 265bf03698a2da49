package SignOn;

# What mod_auth_openidc tells a script about the person who is signed in.
# Core Perl only. Every claim is an environment variable OIDC_CLAIM_<name>: a list is joined
# by commas (OIDCClaimDelimiter), true and false are 1 and 0, an object is JSON.

use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(claim claims has_role may_file is_known html url page);

# A claim, or the empty string.
sub claim {
    my ($name) = @_;
    return $ENV{"OIDC_CLAIM_$name"} // '';
}

# A claim that is a list.
sub claims {
    my ($name) = @_;
    return split /,/, claim($name);
}

# Whether the provider says at this moment who this is. After a session was ended there,
# UserInfo refuses and the module drops every claim; without claims nobody may do anything.
sub is_known {
    return claim('sub') ne '' && claim('ecf_court') eq ($ENV{COURT} // '');
}

# Whether the person is one of these at this court.
sub has_role {
    my %wanted = map { $_ => 1 } @_;
    return is_known() && grep { $wanted{$_} } claims('ecf_roles');
}

# Whether the person may file this category of documents here, now. Ask it in every script
# that takes a document: a menu that is not shown can still be typed.
sub may_file {
    my ($category) = @_;
    return 0 if !is_known() || claim('ecf_status') ne 'active';
    return scalar grep { $_ eq $category } claims('ecf_permissions');
}

# Text made safe for HTML.
sub html {
    my ($text) = @_;
    my %entity = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;', "'" => '&#39;');
    $text =~ s/([&<>"'])/$entity{$1}/g;
    return $text;
}

# Text made safe for a query.
sub url {
    my ($text) = @_;
    $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge;
    return $text;
}

# Print a whole page.
sub page {
    my ($title, $body, $status) = @_;
    print 'Status: ', $status // '200 OK', "\r\n",
        "Content-Type: text/html; charset=utf-8\r\n",
        "Cache-Control: no-store\r\n",
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n\r\n",
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">",
        '<title>', html($title), "</title></head>\n<body><h1>", html($title), "</h1>\n",
        $body, "</body></html>\n";
    return;
}

1;
