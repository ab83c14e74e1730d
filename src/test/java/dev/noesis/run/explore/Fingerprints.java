package dev.noesis.run.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The states that were seen, by their fingerprints, and how each was reached first. A table of numbers, for there are many. */
final class Fingerprints {
    private long[] prints = new long[1 << 16];
    private int[] from = new int[1 << 15];
    private short[] choice = new short[1 << 15];
    private short[] depth = new short[1 << 15];
    /** Where each print is in the table of those above, plus one. */
    private int[] numbers = new int[1 << 16];

    private int size;
    private int deepest;

    /** Its number; -1 if it was seen before. */
    int add(long print, int before, int chosen) {
        int mask = prints.length - 1;
        int at = (int) (print ^ print >>> 32) & mask;
        while (numbers[at] != 0) {
            if (prints[at] == print) {
                return -1;
            }
            at = at + 1 & mask;
        }
        prints[at] = print;
        numbers[at] = size + 1;
        if (size == from.length) {
            from = Arrays.copyOf(from, 2 * size);
            choice = Arrays.copyOf(choice, 2 * size);
            depth = Arrays.copyOf(depth, 2 * size);
        }
        from[size] = before;
        choice[size] = (short) chosen;
        depth[size] = (short) (before < 0 ? 0 : depth[before] + 1);
        deepest = Math.max(deepest, depth[size]);
        size++;
        if (2 * size > prints.length) {
            grow();
        }
        return size - 1;
    }

    private void grow() {
        long[] oldPrints = prints;
        int[] oldNumbers = numbers;
        prints = new long[2 * oldPrints.length];
        numbers = new int[2 * oldPrints.length];
        int mask = prints.length - 1;
        for (int i = 0; i < oldPrints.length; i++) {
            if (oldNumbers[i] != 0) {
                int at = (int) (oldPrints[i] ^ oldPrints[i] >>> 32) & mask;
                while (numbers[at] != 0) {
                    at = at + 1 & mask;
                }
                prints[at] = oldPrints[i];
                numbers[at] = oldNumbers[i];
            }
        }
    }

    /** The choices that lead to that state, first ones first. */
    List<Integer> way(int state) {
        List<Integer> way = new ArrayList<>();
        for (int at = state; from[at] >= 0; at = from[at]) {
            way.add((int) choice[at]);
        }
        return way.reversed();
    }

    int size() {
        return size;
    }

    int deepest() {
        return deepest;
    }
}
