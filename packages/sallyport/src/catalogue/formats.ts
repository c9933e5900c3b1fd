// The formats that inputs may name: each is checked in linear time by fixed positions, never by a backtracking pattern.

/** The checks by format name. */
export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  'date-time': isDateTime,
  uuid: isUuid,
};

const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

// RFC 3339 full-date
function isDate(text: string): boolean {
  if (text.length !== 10 || text.charAt(4) !== '-' || text.charAt(7) !== '-') return false;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (Number.isNaN(year) || Number.isNaN(month) || Number.isNaN(day)) return false;
  const isLeapDay = month === 2 && day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && (isLeapDay || day <= (daysOfMonth[month - 1] ?? 0));
}

// RFC 3339 date-time; leap seconds are refused, because most services refuse them.
function isDateTime(text: string): boolean {
  if (text.length > 40 || text.charAt(10) !== 'T' || !isDate(text.slice(0, 10))) return false;
  const match = /^(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-](\d{2}):(\d{2}))$/.exec(text.slice(11));
  if (match === null) return false;
  const [hour, minute, second, offsetHour, offsetMinute] = match.slice(1).map((part) => Number(part ?? 0));
  return (
    isBelow(hour, 24) &&
    isBelow(minute, 60) &&
    isBelow(second, 60) &&
    isBelow(offsetHour, 24) &&
    isBelow(offsetMinute, 60)
  );
}

function isBelow(value: number | undefined, limit: number): boolean {
  return value !== undefined && value < limit;
}

// RFC 9562, any version
function isUuid(text: string): boolean {
  return text.length === 36 && /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(text);
}

function digits(text: string, from: number, count: number): number {
  const part = text.slice(from, from + count);
  return /^\d+$/.test(part) && part.length === count ? Number(part) : Number.NaN;
}
