#!/usr/bin/perl -T
# Where a document would be taken: it looks at the right again, whatever the menu showed.

use strict;
use warnings;
use FindBin ();
BEGIN { $FindBin::Bin =~ m{\A([\w./+-]+)\z} and unshift @INC, $1 }
use SignOn qw(claim may_file html page);

my ($category) = ($ENV{QUERY_STRING} // '') =~ m{\A([a-z_]{1,40})\z};

if (!defined $category || !may_file($category)) {
    page('You may not file this', '<p>Your account has no such right at this court.</p>',
        '403 Forbidden');
    exit;
}
page('File a document', '<p>Filer: ' . html(claim('ecf_login')) . '</p>');
