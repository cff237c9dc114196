# The second referee: Mail::DKIM, the verifier of SpamAssassin and Fastmail. No network: it is handed the key records.
#
#     maildkim.pl < lines   reads {"name", "raw" (base64), "dns": {name: [record as its strings]}} and prints {"name", "verdicts",
#                           "details"}, one a signature, top to bottom; signatures that it can not even read are not listed
use strict;
use warnings;
use JSON::PP;
use MIME::Base64;
use Net::DNS::RR;
use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;

# What is no number in a signature is its business, not ours.
local $SIG{__WARN__} = sub { };

my %dns;
{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ($name) = @_;
        $@ = 'NXDOMAIN';
        my $records = $dns{ lc $name } or return;
        return map { Net::DNS::RR->new( name => $name, type => 'TXT', txtdata => $_ ) } @$records;
    };
}

while ( my $line = <STDIN> ) {
    my $case = decode_json($line);
    %dns = %{ $case->{dns} };
    my $verifier = Mail::DKIM::Verifier->new( Strict => 1 );
    $verifier->PRINT( decode_base64( $case->{raw} ) );
    $verifier->CLOSE;
    my @signatures = $verifier->signatures;
    print encode_json(
        {
            name     => $case->{name},
            verdicts => [ map { $_->result eq 'pass' ? JSON::PP::true : JSON::PP::false } @signatures ],
            details  => [ map { $_->result_detail } @signatures ],
        }
      ),
      "\n";
}
