import { describe, expect, test } from '@jest/globals';
import type { Json, MetricSpec } from '#libs/contracts';
import { checkMetricSpecs } from '#libs/metrics';
import { scoreCase, verdictOf } from '#test/scoring';

type Config = NonNullable<MetricSpec['config']>;

const tld = { requireTld: true };
const by = (...formats: string[]): Config => ({ formats });

describe('url_format', () => {
  test.each<[Json, Config, number]>([
    ['https://example.com', {}, 1],
    [' https://example.com/a?b=1#c\n', {}, 1],
    ['HTTPS://EXAMPLE.com:8080', {}, 1],
    ['http://user:pw@127.0.0.1', {}, 1],
    ['http://[::1]/', {}, 1],
    ['https://bücher.example/ü', {}, 1],
    ['http:example.com', {}, 0],
    ['http:/example.com', {}, 0],
    ['//example.com', {}, 0],
    ['example.com', {}, 0],
    ['/path', {}, 0],
    ['https://', {}, 0],
    ['https://exa mple.com', {}, 0],
    ['https://example.com/a b', {}, 0],
    ['https://example.com/a\tb', {}, 0],
    ['https://example.com:99999', {}, 0],
    ['http://1.2.3.4.5', {}, 0],
    ['javascript:alert(1)', {}, 0],
    ['mailto:a@example.com', {}, 0],
    ['mailto:a@example.com', { protocols: ['mailto'] }, 1],
    ['http://example.com', { protocols: ['https'] }, 0],
    ['http://localhost', tld, 0],
    ['http://127.0.0.1', tld, 0],
    ['http://[::1]', tld, 0],
    ['http://example.com', tld, 1],
    ['https://bücher.de', tld, 1],
    ['', {}, 0],
    [42, {}, 0],
    [null, {}, 0],
    ['http://\ud800', {}, 0],
    [`http://example.com/${'a'.repeat(1_000_000)}`, {}, 0],
  ])('%.60j with %j is %d', async (output, config, value) => {
    expect(await verdictOf('url_format', config, { output })).toBe(value);
  });

  test('says what is wrong', async () => {
    const said = async (config: Config, output: Json) =>
      (await scoreCase({ metric: 'url_format', config }, { output })).reason;
    expect(await said({}, 'ftp://example.com')).toBe('its protocol is "ftp"');
    expect(await said({}, 'x')).toBe('"x" is not a URL');
    expect(await said(tld, 'http://localhost')).toMatch(/^its host "localhost" is not/);
  });
});

describe('email_format', () => {
  // Those with "validator.js" are cases of its own test of isEmail (test/validators.test.js).
  test.each<[Json, Config, number]>([
    ['foo@bar.com', {}, 1], // validator.js
    ['foo+bar@bar.com', {}, 1], // validator.js
    ['hans.m端ller@test.com', {}, 1], // validator.js
    ['test|123@m端ller.com', {}, 1], // validator.js
    ['"foobar"@example.com', {}, 1], // validator.js
    ['invalidemail@', {}, 0], // validator.js
    ['invalid.com', {}, 0], // validator.js
    ['@invalid.com', {}, 0], // validator.js
    ['foo@bar.com.', {}, 0], // validator.js
    ['foo@bar.co.uk.', {}, 0], // validator.js
    ['multiple..dots@stillinvalid.com', {}, 0], // validator.js
    ['gmail...ignores...dots...@gmail.com', {}, 0], // validator.js
    [' foo@bar.com\n', {}, 1],
    ['Ada <foo@bar.com>', {}, 0],
    ['Ada <foo@bar.com>', { displayName: true }, 1],
    ['foo@bar.com, baz@bar.com', {}, 0],
    ['', {}, 0],
    [{ email: 'foo@bar.com' }, {}, 0],
    ['"'.repeat(1_000_000), { displayName: true }, 0],
    ['a@'.repeat(4000), {}, 0],
  ])('%.60j with %j is %d', async (output, config, value) => {
    expect(await verdictOf('email_format', config, { output })).toBe(value);
  });
});

describe('date_format', () => {
  test.each<[Json, Config, number]>([
    ['2024-02-29', {}, 1],
    ['2023-02-29', {}, 0],
    ['2024-02-30T10:00:00Z', {}, 0],
    ['20240229T101530Z', {}, 1],
    ['2024-W09-4', {}, 1],
    ['2024-060', {}, 1],
    ['2023-366', {}, 0],
    ['2024-02-29 10:00', {}, 0],
    ['29.02.2024', {}, 0],
    // The examples of RFC 3339, section 5.8.
    ['1985-04-12T23:20:50.52Z', by('rfc3339'), 1],
    ['1996-12-19T16:39:57-08:00', by('rfc3339'), 1],
    ['1990-12-31T23:59:60Z', by('rfc3339'), 1],
    ['1990-12-31T15:59:60-08:00', by('rfc3339'), 1],
    ['1937-01-01T12:00:27.87+00:20', by('rfc3339'), 1],
    ['1996-12-19T16:39:57', by('rfc3339'), 0],
    ['1996-02-30T16:39:57Z', by('rfc3339'), 0],
    // Dates in the messages of RFC 2822, appendix A.
    ['Fri, 21 Nov 1997 09:55:06 -0600', by('rfc2822'), 1],
    ['Tue, 1 Jul 2003 10:52:37 +0200', by('rfc2822'), 1],
    ['Thu, 13 Feb 1969 23:32:00 -0330', by('rfc2822'), 1],
    ['Mon, 21 Nov 1997 09:55:06 -0600', by('rfc2822'), 0],
    ['21 Nov 1997 09:55 GMT', by('rfc2822'), 1],
    ['01 Jul 2003 10:52:37 EST', by('rfc2822'), 1],
    ['31 Jun 2003 10:52:37 EST', by('rfc2822'), 0],
    ['Fri, 21 Nov 1997 09:55:06', by('rfc2822'), 0],
    ['Fri, 21 Nov 1997 25:55:06 -0600', by('rfc2822'), 0],
    ['Fri, 21 Nov 1997 09:55:06 -0660', by('rfc2822'), 0],
    ['2024-01-05', by('yyyy-MM-dd'), 1],
    ['2024-1-5', by('yyyy-MM-dd'), 0],
    ['2024-1-5', by('yyyy-M-d'), 1],
    ['2024-02-30', by('yyyy-MM-dd'), 0],
    [' 2024-01-05\n', by('yyyy-MM-dd'), 1],
    ['on 2024-01-05', by('yyyy-MM-dd'), 0],
    ['5 January 2024', by('d MMMM yyyy'), 1],
    ['5 january 2024', by('d MMMM yyyy'), 0],
    ['January 5th, 2024', by('MMMM do, yyyy'), 1],
    ['January 5nd, 2024', by('MMMM do, yyyy'), 0],
    ['01/05/2024', by('dd.MM.yyyy', 'MM/dd/yyyy'), 1],
    // Local times that clocks of some place skip are times all the same.
    ['2024-03-31 02:30', by('yyyy-MM-dd HH:mm'), 1],
    ['2024-03-10 02:30', by('yyyy-MM-dd HH:mm'), 1],
    ['2024-01-05 25:00', by('yyyy-MM-dd HH:mm'), 0],
    ['2024-01-05T10:00+05:30', by("yyyy-MM-dd'T'HH:mmXXX"), 1],
    ['2024-01-05T10:00Z', by("yyyy-MM-dd'T'HH:mmXXX"), 1],
    ['2024-1-5T10:00Z', by("yyyy-MM-dd'T'HH:mmXXX"), 0],
    ['2024-01-05T10:00', by("yyyy-MM-dd'T'HH:mmXXX"), 0],
    ['29 Feb', by('d MMM'), 1],
    ['10:15 PM', by('hh:mm a'), 1],
    ['13:15 PM', by('hh:mm a'), 0],
    ['', {}, 0],
    ['', by('yyyy'), 0],
    [20240229, {}, 0],
    ['2024-02-29'.repeat(100_000), {}, 0],
    ['9'.repeat(1_000_000), by('yyyy', 'T'), 0],
  ])('%.60j with %j is %d', async (output, config, value) => {
    expect(await verdictOf('date_format', config, { output })).toBe(value);
  });

  test.each([
    ['YYYY-MM-DD', 'has D for the day of the year or Y for the year of a week'],
    ['D.M.yyyy', 'has D for the day of the year'],
    ['yyyy-mm-dd hello', 'is neither iso8601, rfc3339, rfc2822 nor a pattern'],
    ['ISO', 'is neither'],
    ['z', 'is neither'],
  ])('refuses the pattern %s', (pattern, message) => {
    const specs = [{ metric: 'date_format', config: by(pattern) }];
    expect(() => checkMetricSpecs(specs)).toThrow(`metrics.0.config.formats.0: ${message}`);
  });

  test('says what it looked for', async () => {
    const spec = { metric: 'date_format', config: by('iso8601', 'd.M.yyyy') };
    expect((await scoreCase(spec, { output: 'today' })).reason).toBe(
      '"today" is not a date of the form iso8601 or d.M.yyyy',
    );
  });
});
