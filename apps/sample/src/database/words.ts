type Words = readonly [string, ...string[]];

/** What the shop sells: the name of each category and of the things in it. */
export const ASSORTMENT: readonly { readonly category: string; readonly things: Words }[] = [
  { category: 'Backpacks', things: ['Backpack', 'Daypack', 'Rucksack', 'Messenger Bag'] },
  { category: 'Bedding', things: ['Blanket', 'Pillow', 'Duvet', 'Bedspread'] },
  { category: 'Bicycles', things: ['City Bike', 'Touring Bike', 'Cargo Bike', 'Balance Bike'] },
  { category: 'Cameras', things: ['Camera', 'Tripod', 'Lens', 'Camera Strap'] },
  { category: 'Chairs', things: ['Armchair', 'Stool', 'Rocking Chair', 'Office Chair'] },
  { category: 'Clocks', things: ['Wall Clock', 'Alarm Clock', 'Kitchen Timer', 'Hourglass'] },
  { category: 'Coffee', things: ['Coffee Grinder', 'Moka Pot', 'French Press', 'Espresso Cup'] },
  { category: 'Cookware', things: ['Frying Pan', 'Saucepan', 'Casserole', 'Wok'] },
  { category: 'Desks', things: ['Writing Desk', 'Standing Desk', 'Drawer Unit', 'Desk Pad'] },
  { category: 'Games', things: ['Chess Set', 'Board Game', 'Puzzle', 'Deck of Cards'] },
  { category: 'Garden', things: ['Watering Can', 'Spade', 'Planter', 'Bird House'] },
  { category: 'Headphones', things: ['Headphones', 'Earbuds', 'Headset', 'Headphone Stand'] },
  { category: 'Keyboards', things: ['Keyboard', 'Number Pad', 'Wrist Rest', 'Keycap Set'] },
  { category: 'Lamps', things: ['Desk Lamp', 'Floor Lamp', 'Bedside Lamp', 'Lantern'] },
  { category: 'Rugs', things: ['Rug', 'Doormat', 'Runner', 'Bath Mat'] },
  { category: 'Shelves', things: ['Bookcase', 'Wall Shelf', 'Shoe Rack', 'Magazine Rack'] },
  { category: 'Shoes', things: ['Sneakers', 'Boots', 'Sandals', 'Slippers'] },
  { category: 'Stationery', things: ['Notebook', 'Fountain Pen', 'Pencil Case', 'Letter Opener'] },
  { category: 'Tents', things: ['Tent', 'Hammock', 'Sleeping Bag', 'Camping Stove'] },
  { category: 'Watches', things: ['Wristwatch', 'Pocket Watch', 'Diving Watch', 'Watch Strap'] },
];

export const ADJECTIVES: Words = [
  'Quiet',
  'Bright',
  'Sturdy',
  'Compact',
  'Classic',
  'Modern',
  'Rustic',
  'Nordic',
  'Swift',
  'Humble',
];

export const COLOURS: Words = [
  'Amber',
  'Black',
  'Blue',
  'Copper',
  'Crimson',
  'Green',
  'Ivory',
  'Olive',
  'Silver',
  'White',
];

export const AUTHORS: Words = [
  'Ada',
  'Alan',
  'Barbara',
  'Dennis',
  'Edsger',
  'Frances',
  'Grace',
  'Ken',
  'Margaret',
  'Tony',
];

/** One sentence for each number of stars. */
export const OPINIONS: Readonly<Record<number, string>> = {
  1: 'It broke on the second day.',
  2: 'Smaller than it looks in the picture.',
  3: 'Does what it should, no more.',
  4: 'Well made, and it arrived early.',
  5: 'I would buy it again at once.',
};
