#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# A log analysis in Perl: records, hashes of lists, counters, text.
use strict;
use warnings;

$| = 1;
my $state = 1;
sub random {    # xorshift: the same on every Perl
    my ($n) = @_;
    $state ^= ($state << 13) & 0xffffffff;
    $state ^= $state >> 17;
    $state ^= ($state << 5) & 0xffffffff;
    return $state % $n;
}

my @paths  = qw(/ /search /cart /checkout /account /orders /help /blog /product);
my @agents = ("Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Firefox/115.0", "curl/7.88.1", "Googlebot/2.1");
my (@log, %by_host, %count, %hour);
for my $n (1 .. 14000) {
    my %line = (
        host  => "10." . random(8) . "." . random(40) . "." . random(256),
        path  => $paths[random(scalar @paths)] . (random(3) ? "" : "?id=" . random(5000)),
        agent => $agents[random(3)],
        time  => 1700000000 + 7 * $n,
        bytes => random(50000),
        code  => (200, 200, 200, 304, 404, 500)[random(6)],
    );
    push @log, \%line;
    push @{ $by_host{ $line{host} } }, $n;
    $count{"$line{path} $line{code}"}++;
    $hour{ int($line{time} / 3600) }{ $line{agent} } += $line{bytes};
}
my @text;
open(my $file, '<', '/usr/share/common-licenses/GPL-3') or die "GPL-3: $!";
while (<$file>) { push @text, [ split ]; }
close($file);
my %index;
for my $line (0 .. $#text) { push @{ $index{ lc $_ } }, $line for @{ $text[$line] }; }
my @sorted = sort { $b->{bytes} <=> $a->{bytes} } @log;
splice(@log, 3000, 2000);

print "ready\n";
sleep 1000000 while 1;
