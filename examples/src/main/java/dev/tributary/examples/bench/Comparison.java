package dev.tributary.examples.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What was measured of one operation, by subject, in the order of their turns. */
final class Comparison {
  private final Backend backend;
  private final Operation operation;
  private final @Nullable Comparison oneByOne;
  private final Map<String, Turns> turns = new LinkedHashMap<>();

  /** With what the same took without batches, if that was measured. */
  Comparison(Backend backend, Operation operation, @Nullable Comparison oneByOne) {
    this.backend = backend;
    this.operation = operation;
    this.oneByOne = oneByOne;
  }

  void add(Subject subject, Measure measure) {
    turns.computeIfAbsent(subject.name(), first -> new Turns(subject.handWritten(), new ArrayList<>())).rounds.add(measure);
  }

  Operation operation() {
    return operation;
  }

  /** Every round, by the subject's name. */
  Map<String, List<Measure>> rounds() {
    Map<String, List<Measure>> byName = new LinkedHashMap<>();
    turns.forEach((name, ofSubject) -> byName.put(name, List.copyOf(ofSubject.rounds)));
    return byName;
  }

  static String header() {
    return line("backend", "operation", "client", "ops/s", "p50 us", "p99 us", "cpu us/op", "bytes/op", "ops/s of each round; median by that of others");
  }

  /**
   * A line for each subject: its median and every round; for those of the SDK, the ratio to each that is written by hand; for a batch, the
   * ratio to the subject's own calls one by one.
   */
  String table() {
    StringBuilder table = new StringBuilder();
    turns.forEach(
        (name, ofSubject) -> {
          boolean first = table.isEmpty();
          Measure median = ofSubject.median();
          table.append(
              line(
                  first ? backend.name() : "",
                  first ? operation.label() : "",
                  name,
                  number(median.perSecond()),
                  number(median.p50Micros()),
                  number(median.p99Micros()),
                  String.format(Locale.ROOT, "%.1f", median.cpuMicrosPerOperation()),
                  number(median.bytesPerOperation()),
                  ofSubject.rounds.stream().map(round -> number(round.perSecond())).collect(Collectors.joining(" "))
                      + ratios(name, ofSubject)));
        });
    return table.toString();
  }

  private String ratios(String name, Turns ofSubject) {
    List<String> ratios = new ArrayList<>();
    if (!ofSubject.handWritten) {
      turns.forEach(
          (other, ofOther) -> {
            if (ofOther.handWritten) {
              ratios.add(ratio(ofSubject, ofOther, other));
            }
          });
    }
    if (oneByOne != null) {
      ratios.add(ratio(ofSubject, oneByOne.turns.get(name), oneByOne.operation.label()));
    }
    return ratios.isEmpty() ? "" : "; " + String.join(", ", ratios);
  }

  private static String ratio(Turns of, Turns by, String name) {
    return String.format(Locale.ROOT, "%.2f of %s", of.median().perSecond() / by.median().perSecond(), name);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String line(Object... columns) {
    return String.format("%-9s %-15s %-14s %10s %9s %9s %9s %9s  %s%n", columns);
  }

  /** The rounds of one subject. */
  private record Turns(boolean handWritten, List<Measure> rounds) {
    Measure median() {
      return Measure.median(rounds);
    }
  }
}
