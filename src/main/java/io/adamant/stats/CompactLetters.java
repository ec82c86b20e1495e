package io.adamant.stats;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * The compact letter display (Piepho 2004, insert and absorb): two arms share a letter exactly when
 * they do not differ significantly.
 */
final class CompactLetters {
  private CompactLetters() {}

  /**
   * Letters for each arm.
   *
   * @param differs symmetric, (arms, arms): whether two arms differ significantly
   * @return one string an arm; the first arm has the letter a
   */
  static List<String> of(boolean[][] differs) {
    int arms = differs.length;
    List<BitSet> groups = new ArrayList<>();
    BitSet everyone = new BitSet();
    everyone.set(0, arms);
    groups.add(everyone);
    for (int i = 0; i < arms; i++) {
      for (int j = i + 1; j < arms; j++) {
        if (differs[i][j]) {
          groups = absorb(split(groups, i, j));
        }
      }
    }
    groups.sort(Comparator.comparing(CompactLetters::members));
    List<String> letters = new ArrayList<>();
    for (int arm = 0; arm < arms; arm++) {
      StringBuilder own = new StringBuilder();
      for (int group = 0; group < groups.size(); group++) {
        if (groups.get(group).get(arm)) {
          own.append(letter(group));
        }
      }
      letters.add(own.toString());
    }
    return letters;
  }

  /** Every group that holds both becomes two, one without each. */
  private static List<BitSet> split(List<BitSet> groups, int i, int j) {
    List<BitSet> split = new ArrayList<>();
    for (BitSet group : groups) {
      if (group.get(i) && group.get(j)) {
        split.add(without(group, i));
        split.add(without(group, j));
      } else {
        split.add(group);
      }
    }
    return split;
  }

  private static BitSet without(BitSet group, int arm) {
    BitSet rest = (BitSet) group.clone();
    rest.clear(arm);
    return rest;
  }

  /** Leaves out every group that lies within another. */
  private static List<BitSet> absorb(List<BitSet> groups) {
    List<BitSet> kept = new ArrayList<>();
    for (BitSet group : groups) {
      if (kept.stream().noneMatch(other -> within(group, other))) {
        kept.removeIf(other -> within(other, group));
        kept.add(group);
      }
    }
    return kept;
  }

  private static boolean within(BitSet inner, BitSet outer) {
    BitSet rest = (BitSet) inner.clone();
    rest.andNot(outer);
    return rest.isEmpty();
  }

  /** Members as a string that sorts groups by their first arms. */
  private static String members(BitSet group) {
    StringBuilder sortable = new StringBuilder();
    group.stream().forEach(arm -> sortable.append((char) (arm + 1)));
    return sortable.toString();
  }

  private static String letter(int group) {
    String alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return group < alphabet.length()
        ? alphabet.substring(group, group + 1)
        : "(" + (group + 1) + ")";
  }
}
