// Numbers as people read them. Everything comes in as BigInt or decimal string; nothing is rounded up:
// what is shown is never more than there is. Floats appear in charts only, never here.

const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const MOST_ZEROS = 7;

/** 1234567n → "1,234,567" */
export function group(value) {
  return BigInt(value).toString().replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** numerator ÷ denominator (both > 0 or numerator 0) with `significant` digits, truncated. */
export function ratio(numerator, denominator, significant = 6) {
  if (numerator < 0n) return "−" + ratio(-numerator, denominator, significant);
  if (numerator === 0n || denominator === 0n) return "0";
  const whole = numerator / denominator;
  if (whole > 0n) return fixed(numerator, denominator, Math.max(0, significant - whole.toString().length));
  let zeros = 0;
  for (let scaled = numerator * 10n; scaled < denominator; scaled *= 10n) zeros += 1;
  if (zeros <= MOST_ZEROS) return fixed(numerator, denominator, zeros + significant);
  const power = zeros + 1;
  return `${ratio(numerator * 10n ** BigInt(power), denominator, significant)}×10${raised(-power)}`;
}

/** numerator ÷ denominator with at most `places` decimals, truncated, trailing zeros dropped. */
export function fixed(numerator, denominator, places) {
  const scale = 10n ** BigInt(places);
  const scaled = (numerator * scale) / denominator;
  const fraction = (scaled % scale).toString().padStart(places, "0").replace(/0+$/, "");
  return group(scaled / scale) + (places > 0 && fraction ? "." + fraction : "");
}

function raised(power) {
  return [...String(power)].map((digit) => SUPERSCRIPT[digit]).join("");
}

/** Atoms of a token as whole tokens: tokens(1500000n, 6) → "1.5" */
export function tokens(atoms, decimals, significant = 6) {
  return ratio(BigInt(atoms), 10n ** BigInt(decimals), significant);
}

/** Wei with its unit: from a millionth of a coin on in coins of `symbol`, below in gwei, below that in wei. */
export function coins(wei, symbol, significant = 4) {
  const value = BigInt(wei);
  const size = value < 0n ? -value : value;
  if (size === 0n || size >= 10n ** 12n) return `${tokens(value, 18, significant)} ${symbol}`;
  if (size >= 10n ** 6n) return `${tokens(value, 9, significant)} gwei`;
  return `${value} wei`;
}

/** part ÷ whole in 0..100 for the length of a bar; BigInt in, number out. */
export function share(part, whole) {
  if (whole <= 0n || part <= 0n) return 0;
  return Math.min(100, Number((part * 10_000n) / whole) / 100);
}

/** How far `value` lies above or below `reference`, in percent with two decimals: "+0.08 %" (towards zero). */
export function deviation(value, base, reference, referenceBase) {
  const left = value * referenceBase;
  const right = reference * base;
  if (right === 0n) return "";
  const difference = left - right;
  const text = fixed(difference < 0n ? -difference : difference, right, 4);
  const hundredths = ((difference < 0n ? -difference : difference) * 10_000n) / right;
  if (hundredths === 0n) return text === "0" ? "±0 %" : "±0.00 %";
  return `${difference < 0n ? "−" : "+"}${fixed(hundredths, 100n, 2)} %`;
}

/** An address or hash as people compare it. */
export function short(hex) {
  return hex && hex.length > 14 ? `${hex.slice(0, 8)}…${hex.slice(-4)}` : hex || "";
}

/** Seconds as "12 s", "3 min", "2 h", "4 d". */
export function span(seconds) {
  const value = Math.max(0, Math.floor(seconds));
  if (value < 90) return `${value} s`;
  if (value < 5400) return `${Math.floor(value / 60)} min`;
  if (value < 172_800) return `${Math.floor(value / 3600)} h`;
  return `${Math.floor(value / 86_400)} d`;
}

/** "1 fill", "2 fills" */
export function count(number, noun, plural = `${noun}s`) {
  return `${group(number)} ${Number(number) === 1 ? noun : plural}`;
}
