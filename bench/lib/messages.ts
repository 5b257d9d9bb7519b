/** What is asked and answered, as ProtoJSON. No field has its default value: contestants differ in whether they print those. */
import type { Plain } from './proto.ts';

export const ITEM_ID = 'item-1001';
export const STREAMED_MESSAGES = 20_000;
/** Of a stream that ticks once a millisecond. */
export const TICKS = 1000;
/** How long the service thinks before it answers a slow call. */
export const SLOW_MS = 100;
/** 1 GB in messages of 64 KB. */
export const BLOCKS = 16_384;
export const BLOCK: Plain = { text: 'polygate'.repeat(8192) };

export const ITEM: Plain = {
  id: ITEM_ID,
  title: 'Blue notebook, ruled, 200 pages',
  stock: 4711,
  price: 12.75,
  available: true,
  category: 'stationery/notebooks',
};

/** 660 B as JSON. */
export const ORDER: Plain = order(1);

/** 200 KB as JSON. */
export const ORDER_LIST: Plain = { orders: Array.from({ length: 300 }, (_, n) => order(n)) };

export function price(sequence: number): Plain {
  return {
    symbol: 'POLY.GATE',
    bid: 101.25 + (sequence % 100) / 4,
    ask: 101.5 + (sequence % 100) / 4,
    volume: String(9_007_199_254_740_993n + BigInt(sequence)),
    venue: 'Euronext Amsterdam, continuous EU',
    sequence: sequence + 1,
  };
}

function order(n: number): Plain {
  const titles = ['Blue notebook', 'Pencil', 'Eraser "soft"', 'Ink: black', 'Caf\u00e9 mug'];
  return {
    id: `order-${100_000 + n}`,
    number: String(9_007_199_254_740_993n + BigInt(n)),
    state: 'ORDER_STATE_SHIPPED',
    customer: { name: 'Ada Lovelace', email: `ada.lovelace.${n}@example.com`, since: 1843 },
    items: titles.map((title, index) => ({
      sku: `sku-${1000 + ((n * 7 + index) % 900)}`,
      title,
      quantity: 1 + ((n + index) % 9),
      price: (199 + n + index * 250) / 100,
    })),
    labels: { channel: 'web', region: 'eu-west', campaign: `autumn-${n % 10}` },
    created: '2026-11-22T07:30:15.250Z',
    points: [1, 20, 300, 4000, 50_000, n + 1],
    total: 123.45 + n,
    gift: true,
  };
}
