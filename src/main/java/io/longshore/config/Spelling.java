package io.longshore.config;

import java.util.Collection;

/** Guesses what a misspelled word was meant to be. */
final class Spelling {
    private Spelling() {}

    /** The known word nearest to {@code word}, as {@code ; did you mean X?}, or an empty text if none is near. */
    static String didYouMean(String word, Collection<String> known) {
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : known) {
            // A third of the letters may be wrong; past that the guess is noise. It also bounds the work on long words.
            int allowed = Math.max(1, candidate.length() / 3);
            if (Math.abs(candidate.length() - word.length()) > allowed) {
                continue;
            }
            int distance = distance(word, candidate);
            if (distance <= allowed && distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best == null ? "" : "; did you mean " + best + "?";
    }

    /**
     * How many letters must be inserted, removed, replaced, or swapped with their neighbour (the restricted
     * Damerau-Levenshtein distance). Letter case and the choice of hyphen or underscore count as no difference.
     */
    static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = letter(a, i) == letter(b, j) ? 0 : 1;
                int least = Math.min(Math.min(last[j] + 1, current[j - 1] + 1), last[j - 1] + change);
                if (i > 1 && j > 1 && letter(a, i) == letter(b, j - 1) && letter(a, i - 1) == letter(b, j)) {
                    least = Math.min(least, beforeLast[j - 2] + 1);
                }
                current[j] = least;
            }
            int[] free = beforeLast;
            beforeLast = last;
            last = current;
            current = free;
        }
        return last[b.length()];
    }

    private static char letter(String word, int position) {
        char c = word.charAt(position - 1);
        return c == '_' ? '-' : Character.toLowerCase(c);
    }
}
