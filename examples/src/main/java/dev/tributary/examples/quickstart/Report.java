package dev.tributary.examples.quickstart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table at the end: what was expected, what came of it, and whether they agree. */
public final class Report {
  private final List<String> lines = new ArrayList<>();
  private boolean good = true;

  /** A count that must be right. */
  public void expect(String what, long expected, long actual) {
    boolean equal = expected == actual;
    good &= equal;
    lines.add(String.format(Locale.ROOT, "%-44s %,10d %,10d   %s", what, expected, actual, equal ? "ok" : "WRONG"));
  }

  /** A part of the job that the backend cannot do. */
  public void skip(String what, String why) {
    lines.add(String.format(Locale.ROOT, "%-44s %10s %10s   skipped: %s", what, "-", "-", why));
  }

  /** A figure that is only shown. */
  public void show(String what, String figure) {
    lines.add(String.format(Locale.ROOT, "%-44s %21s", what, figure));
  }

  /** Whether every count was right. */
  public boolean good() {
    return good;
  }

  /** The table. */
  @Override
  public String toString() {
    String head = String.format(Locale.ROOT, "%-44s %10s %10s", "", "expected", "actual");
    return head + System.lineSeparator() + String.join(System.lineSeparator(), lines);
  }
}
