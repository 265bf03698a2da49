#!/usr/bin/perl -T
# The court's first page: the PACER menu for everybody who is signed in, filing menus by right.

use strict;
use warnings;
use FindBin ();
BEGIN { $FindBin::Bin =~ m{\A([\w./+-]+)\z} and unshift @INC, $1 }
use SignOn qw(claim claims has_role may_file is_known html url page);

my $court = $ENV{COURT_URL};

# Menu → what must be allowed for each entry → its name.
my @filing = (
    [ 'Bankruptcy',   'all_documents',           'Petitions, motions and other documents' ],
    [ 'Claims',       'claims',                  'File a claim' ],
    [ 'Notices',      'notice_requests',         'Request notice' ],
    [ 'Transcripts',  'transcripts',             'File a transcript' ],
    [ 'Certificates', 'course_certificates',     'File a certificate of course completion' ],
);

sub menu {
    my ($name, @entries) = @_;
    my $items = join '', map { '<li><a href="' . html($_->[1]) . '">' . html($_->[0]) . '</a></li>' } @entries;
    return '<h2>' . html($name) . '</h2><ul id="' . html(lc $name) . "\">$items</ul>\n";
}

sub entry {
    my ($category, $name) = @_;
    return [ $name, '/cgi-bin/file.pl?' . url($category) ];
}

if (!is_known()) {
    page('We cannot see your rights', '<p>Your sign-on has ended, or cannot be reached. '
        . '<a href="/linked">Sign in again</a></p>', '503 Service Unavailable');
    exit;
}

my $body = '<p>Signed in as <b id="who">' . html(claim('name')) . '</b>, PACER account '
    . html(claim('pacer_account_number')) . "</p>\n";

$body .= menu('PACER', [ 'Query', '/cgi-bin/iquery.pl' ], [ 'Reports', '/cgi-bin/reports.pl' ]);
$body .= menu($_->[0], entry($_->[1], $_->[2])) for grep { may_file($_->[1]) } @filing;
$body .= menu('Trustee', entry('all_documents', 'Reports and notices of the trustee'))
    if has_role('trustee', 'us_trustee');

my @utilities = ([ 'Refresh my rights', '/linked' ]);
my $status    = claim('ecf_status');
if ($status eq 'not_linked') {
    push @utilities, [ 'Link a CM/ECF account to my PACER account',
        "$ENV{SIGNON_ISSUER}/courts/" . url($ENV{COURT}) . '/link?client_id='
            . url($ENV{SIGNON_CLIENT_ID}) . '&return_to=' . url("$court/linked") ];
}
push @utilities, [ 'Log out', '/signon/callback?logout=' . url("$court/signed-out.html") ];
$body .= menu('Utilities', @utilities);

my %explained = (
    not_live  => 'This court does not take filings through the central sign-on yet.',
    pending   => 'The court has not decided on your request to file yet.',
    suspended => 'The court has suspended your filing rights: ask its help desk.',
    blocked   => 'You cannot file at the moment. Reason: ' . join(', ', claims('ecf_blocked_by')),
);
$body .= '<p id="why">' . html($explained{$status}) . "</p>\n" if $explained{$status};
$body .= '<p id="confirm">Before you file, confirm the redaction rules: log out and sign in again.</p>' . "\n"
    if claim('ecf_redaction_due') ne '';
$body .= '<p>You may file in these cases only: ' . html(join ', ', claims('ecf_cases')) . "</p>\n"
    if claim('ecf_cases') ne '';

page('CM/ECF', $body);
