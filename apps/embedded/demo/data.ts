/**
 * The demo's data, written by hand for this project. It is illustrative: no real model was asked, and
 * its scores say nothing about any.
 */
interface DemoItem {
  key: string;
  topic: string;
  question: string;
  answer: string;
  solution: string;
  /** What the two imaginary assistants say. */
  careful: string;
  hasty: string;
}

const item = (
  key: string,
  topic: string,
  question: string,
  answer: string,
  [solution, careful, hasty]: [string, string, string],
): DemoItem => ({ key, topic, question, answer, solution, careful, hasty });

export const demoItems: DemoItem[] = [
  item('apples', 'shopping', 'A bag holds 6 apples. How many apples are in 7 bags?', '42', [
    '7 bags of 6 apples are 7 × 6 = 42 apples.',
    '7 bags of 6 apples make 7 × 6 = 42 apples.\nAnswer: 42',
    '7 bags of 6 apples are 7 × 6 = 42 apples.\nAnswer: 42',
  ]),
  item(
    'train',
    'time',
    'A train leaves at 9:40 and arrives at 11:05. How many minutes does it travel?',
    '85',
    [
      'From 9:40 to 10:40 are 60 minutes, to 11:05 another 25: 85 minutes.',
      '9:40 to 10:40 is 60 minutes, then 25 more: 60 + 25 = 85.\nAnswer: 85',
      '11:05 minus 9:40 is 1.65, so 165 minutes.\nAnswer: 165',
    ],
  ),
  item(
    'paint',
    'work',
    'Two painters need 6 hours for a wall. How many hours does one painter need?',
    '12',
    [
      'One painter does half as much in an hour, so 2 × 6 = 12 hours.',
      'One painter works half as fast, so it takes 2 × 6 = 12 hours.\nAnswer: 12',
      'One painter is half of two, so 6 / 2 = 3 hours.\nAnswer: 3',
    ],
  ),
  item(
    'discount',
    'shopping',
    'A coat costs 80 euros and is reduced by 15 percent. What does it cost now?',
    '68',
    [
      '15 percent of 80 are 12, and 80 − 12 = 68.',
      '15 % of 80 is 12, so the coat costs 80 − 12 = 68 euros.\nAnswer: 68',
      '80 − 15 = 65 euros.\nAnswer: 65',
    ],
  ),
  item(
    'garden',
    'geometry',
    'A garden is 12 m long and 9 m wide. How many metres of fence go around it?',
    '42',
    [
      'Twice the length and twice the width: 2 × 12 + 2 × 9 = 42.',
      'The fence is 2 × (12 + 9) = 42 metres.\nAnswer: 42',
      'The garden has 12 × 9 = 108, so 108 metres.\nAnswer: 108',
    ],
  ),
  item(
    'marbles',
    'counting',
    'Ann has 14 marbles, Ben twice as many. How many have they together?',
    '42',
    [
      'Ben has 28, and 14 + 28 = 42.',
      'Ben has 2 × 14 = 28. Together: 14 + 28 = 42.\nAnswer: 42',
      'Ben has 2 × 14 = 28. Together: 14 + 28 = 42.\nAnswer: 42',
    ],
  ),
  item(
    'book',
    'counting',
    'A book has 240 pages. Eva reads 16 pages a day. After how many days is she done?',
    '15',
    [
      '240 / 16 = 15 days.',
      '240 pages at 16 a day take 240 / 16 = 15 days.\nAnswer: 15',
      '240 / 16 = 15 days.\nAnswer: 15',
    ],
  ),
  item(
    'recipe',
    'cooking',
    'A recipe for 4 people takes 300 g of rice. How many grams are needed for 10 people?',
    '750',
    [
      '300 / 4 = 75 g each, and 10 × 75 = 750 g.',
      'Each person needs 300 / 4 = 75 g; for 10 people that is 750 g.\nAnswer: 750 g',
      'For 10 people it is about double, so 600 g.\nAnswer: 600',
    ],
  ),
  item(
    'clock',
    'time',
    'A clock loses 3 minutes a day. How many minutes has it lost after two weeks?',
    '42',
    [
      'Two weeks are 14 days, and 14 × 3 = 42.',
      '14 days × 3 minutes = 42 minutes.\nAnswer: 42',
      '2 weeks × 3 minutes = 6 minutes.\nAnswer: 6',
    ],
  ),
  item(
    'bus',
    'counting',
    'A bus has 48 seats. 31 people sit and 5 of them get off. How many seats are free?',
    '22',
    [
      '31 − 5 = 26 people stay, and 48 − 26 = 22 seats are free.',
      '31 − 5 = 26 people remain, so 48 − 26 = 22 seats are free.\nAnswer: 22',
      '48 − 31 = 17 seats are free, and 5 more make 22.\nAnswer: 22',
    ],
  ),
  item(
    'tank',
    'work',
    'A tap fills 8 litres a minute. How many minutes does a tank of 1,000 litres take?',
    '125',
    [
      '1,000 / 8 = 125 minutes.',
      '1,000 litres at 8 litres a minute: 1,000 / 8 = 125.\nAnswer: 125',
      '1,000 / 8 = 125.\nAnswer: 125',
    ],
  ),
  item(
    'ages',
    'riddles',
    'Tom is 8 years older than Lea. Together they are 30. How old is Lea?',
    '11',
    [
      'Without the 8 years they would be 22, so Lea is 22 / 2 = 11.',
      '(30 − 8) / 2 = 11, so Lea is 11 and Tom 19.\nAnswer: 11',
      'Half of 30 is 15, minus 8 is 7.\nAnswer: 7',
    ],
  ),
  item('cinema', 'shopping', 'A ticket costs 9.50 euros. What do 4 tickets cost?', '38', [
    '4 × 9.50 = 38 euros.',
    '4 × 9.50 = 38.00 euros.\nAnswer: 38.00',
    '4 × 9.50 = 38.\nAnswer: 38',
  ]),
  item(
    'ladder',
    'geometry',
    'A ladder of 5 m leans on a wall, its foot 3 m away. How high does it reach?',
    '4',
    [
      'By Pythagoras √(5² − 3²) = √16 = 4 m.',
      'The height is √(25 − 9) = √16 = 4 metres.\nAnswer: 4',
      '5 − 3 = 2 metres.\nAnswer: 2',
    ],
  ),
  item(
    'eggs',
    'cooking',
    'A dozen eggs costs 3.60 euros. What does one egg cost, in cents?',
    '30',
    [
      '360 cents / 12 = 30 cents.',
      '3.60 euros are 360 cents, and 360 / 12 = 30.\nAnswer: 30',
      '3.60 / 12 = 0.30.\nAnswer: 0.30',
    ],
  ),
  item(
    'stairs',
    'counting',
    'A tower has 9 floors with 18 steps between two floors. How many steps lead to the top?',
    '144',
    [
      'Between 9 floors are 8 flights, and 8 × 18 = 144.',
      '9 floors × 18 steps = 162 steps.\nAnswer: 162',
      '9 × 18 = 162.\nAnswer: 162',
    ],
  ),
  item('average', 'statistics', 'What is the average of 4, 8, 15 and 17?', '11', [
    '4 + 8 + 15 + 17 = 44, and 44 / 4 = 11.',
    'The sum is 44, divided by 4 that is 11.\nAnswer: 11',
    'The sum is 44, divided by 4 that is 11.\nAnswer: 11',
  ]),
  item(
    'interest',
    'money',
    'What interest do 2,000 euros earn in one year at 2.5 percent, in euros?',
    '50',
    [
      '2.5 percent of 2,000 are 50.',
      '2,000 × 0.025 = 50 euros.\nAnswer: 50',
      '2,000 × 0.25 = 500 euros.\nAnswer: 500',
    ],
  ),
  item(
    'speed',
    'time',
    'A cyclist rides 54 km in 3 hours. How many kilometres does she ride in 5 hours?',
    '90',
    [
      '54 / 3 = 18 km an hour, and 5 × 18 = 90 km.',
      'Her speed is 18 km/h, so in 5 hours she rides 90 km.\nAnswer: 90 km',
      '54 / 3 = 18, and 18 × 5 = 90.\nAnswer: 90',
    ],
  ),
  item(
    'handshakes',
    'riddles',
    'Six people meet and each shakes hands with each other once. How many handshakes are there?',
    '15',
    [
      'Each pair once: 6 × 5 / 2 = 15.',
      'Every pair once: 6 × 5 / 2 = 15 handshakes.\nAnswer: 15',
      '6 × 6 = 36 handshakes.\nAnswer: 36',
    ],
  ),
  item(
    'tiles',
    'geometry',
    'A floor of 3 m by 4 m is laid with square tiles of 50 cm. How many tiles are needed?',
    '48',
    [
      '6 tiles fit one way and 8 the other: 6 × 8 = 48.',
      'Along 3 m lie 6 tiles, along 4 m lie 8: 6 × 8 = 48.\nAnswer: 48',
      '12 square metres / 0.5 = 24 tiles.\nAnswer: 24',
    ],
  ),
  item(
    'change',
    'shopping',
    'Three notebooks cost 2.20 euros each. What is the change from 10 euros?',
    '3.40',
    [
      '3 × 2.20 = 6.60, and 10 − 6.60 = 3.40 euros.',
      '3 × 2.20 = 6.60, so the change is 10 − 6.60 = 3.40.\nAnswer: 3.40',
      'The change is 10 − 2.20 = 7.80, I think.',
    ],
  ),
  item(
    'probability',
    'statistics',
    'What is the probability, in percent, that a coin shows heads twice in a row?',
    '25',
    [
      '1/2 × 1/2 = 1/4, which is 25 percent.',
      'Each toss is 1/2, so 1/2 × 1/2 = 25 %.\nAnswer: 25',
      'It is 1/2, so 50 percent.\nAnswer: 50',
    ],
  ),
  item('leap', 'time', 'How many days do 2023 and 2024 have together?', '731', [
    '365 + 366 = 731, since 2024 is a leap year.',
    '2023 has 365 and the leap year 2024 has 366 days: 731.\nAnswer: 731',
    '2 × 365 = 730.\nAnswer: 730',
  ]),
];
