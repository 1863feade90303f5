package dev.tributary.filter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/** A set of characters. Immutable. */
final class CodePoints {
  static final CodePoints ANY = of(0, Character.MAX_CODE_POINT);

  /** The first and the last of each range, in order, with a gap between them. */
  private final int[] ranges;

  private CodePoints(int[] ranges) {
    this.ranges = ranges;
  }

  static CodePoints of(int first, int last) {
    return new CodePoints(new int[] {first, last});
  }

  /** Those of ASCII that these ranges have: {@code azAZ} are the letters. */
  static CodePoints ascii(String ranges) {
    List<CodePoints> parts = new ArrayList<>();
    for (int i = 0; i < ranges.length(); i += 2) {
      parts.add(of(ranges.charAt(i), ranges.charAt(i + 1)));
    }
    return union(parts);
  }

  static CodePoints of(IntPredicate which) {
    List<CodePoints> parts = new ArrayList<>();
    int first = -1;
    for (int c = 0; c <= Character.MAX_CODE_POINT + 1; c++) {
      boolean in = c <= Character.MAX_CODE_POINT && which.test(c);
      if (in && first < 0) {
        first = c;
      } else if (!in && first >= 0) {
        parts.add(of(first, c - 1));
        first = -1;
      }
    }
    return union(parts);
  }

  static CodePoints union(List<CodePoints> parts) {
    List<int[]> all = new ArrayList<>();
    for (CodePoints part : parts) {
      for (int i = 0; i < part.ranges.length; i += 2) {
        all.add(new int[] {part.ranges[i], part.ranges[i + 1]});
      }
    }
    all.sort(Comparator.comparingInt(range -> range[0]));
    int[] merged = new int[2 * all.size()];
    int length = 0;
    for (int[] range : all) {
      if (length > 0 && range[0] <= merged[length - 1] + 1) {
        merged[length - 1] = Math.max(merged[length - 1], range[1]);
      } else {
        merged[length++] = range[0];
        merged[length++] = range[1];
      }
    }
    return new CodePoints(Arrays.copyOf(merged, length));
  }

  CodePoints not() {
    int[] others = new int[ranges.length + 2];
    int length = 0;
    int next = 0;
    for (int i = 0; i < ranges.length; i += 2) {
      if (next < ranges[i]) {
        others[length++] = next;
        others[length++] = ranges[i] - 1;
      }
      next = ranges[i + 1] + 1;
    }
    if (next <= Character.MAX_CODE_POINT) {
      others[length++] = next;
      others[length++] = Character.MAX_CODE_POINT;
    }
    return new CodePoints(Arrays.copyOf(others, length));
  }

  /** These, and what differs from them only in case. */
  CodePoints folded() {
    List<CodePoints> parts = new ArrayList<>(List.of(this));
    for (int i = 0; i < ranges.length; i += 2) {
      int at = Arrays.binarySearch(Cases.CASED, ranges[i]);
      for (at = at < 0 ? -at - 1 : at; at < Cases.CASED.length && Cases.CASED[at] <= ranges[i + 1]; at++) {
        for (int other : Cases.of(Cases.CASED[at])) {
          parts.add(of(other, other));
        }
      }
    }
    return parts.size() == 1 ? this : union(parts);
  }

  boolean contains(int c) {
    int at = Arrays.binarySearch(ranges, c);
    // Between two places a range has begun if the place is an odd one.
    return at >= 0 || (-at - 1) % 2 == 1;
  }

  /** Where it begins and where it ends, behind the last of a range: between two of these all are in it, or none. */
  void edges(TreeSet<Integer> into) {
    for (int i = 0; i < ranges.length; i += 2) {
      into.add(ranges[i]);
      into.add(ranges[i + 1] + 1);
    }
  }

  /** Which characters differ only in case: Unicode's simple folding. */
  private static final class Cases {
    private static final int LAST_CASED = 0x1ffff;
    private static final Map<Integer, int[]> GROUPS = groups();
    static final int[] CASED = GROUPS.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();

    static int[] of(int cased) {
      return GROUPS.getOrDefault(cased, new int[0]);
    }

    private static Map<Integer, int[]> groups() {
      Map<Integer, TreeSet<Integer>> byFolded = new HashMap<>();
      for (int c = 0; c <= LAST_CASED; c++) {
        int folded = fold(c);
        if (folded != c) {
          TreeSet<Integer> group = byFolded.computeIfAbsent(folded, first -> new TreeSet<>());
          group.add(folded);
          group.add(c);
        }
      }
      Map<Integer, int[]> groups = new HashMap<>();
      for (TreeSet<Integer> group : byFolded.values()) {
        int[] all = group.stream().mapToInt(Integer::intValue).toArray();
        group.forEach(c -> groups.put(c, all));
      }
      return groups;
    }

    private static int fold(int c) {
      // The i with and the one without a dot are cases of each other in Turkish only.
      return c == 'İ' || c == 'ı' ? c : Character.toLowerCase(Character.toUpperCase(c));
    }
  }
}
