package dev.tributary.examples.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What was measured of one operation, by subject, in the order of their turns. */
final class Comparison {
  private final Backend backend;
  private final Operation operation;
  private final Map<Subject, List<Measure>> rounds = new LinkedHashMap<>();

  Comparison(Backend backend, Operation operation) {
    this.backend = backend;
    this.operation = operation;
  }

  void add(Subject subject, Measure measure) {
    rounds.computeIfAbsent(subject, first -> new ArrayList<>()).add(measure);
  }

  Operation operation() {
    return operation;
  }

  /** Every round, by the subject's name. */
  Map<String, List<Measure>> rounds() {
    Map<String, List<Measure>> byName = new LinkedHashMap<>();
    rounds.forEach((subject, measures) -> byName.put(subject.name(), List.copyOf(measures)));
    return byName;
  }

  static String header() {
    return line("backend", "operation", "client", "ops/s", "p50 us", "p99 us", "cpu us/op", "bytes/op", "ops/s of each round; median by that of others");
  }

  /** A line for each subject: its median and every round; for those of the SDK, the ratio to each that is written by hand. */
  String table() {
    StringBuilder table = new StringBuilder();
    rounds.forEach(
        (subject, measures) -> {
          boolean first = table.isEmpty();
          Measure median = Measure.median(measures);
          table.append(
              line(
                  first ? backend.name() : "",
                  first ? operation.label() : "",
                  subject.name(),
                  number(median.perSecond()),
                  number(median.p50Micros()),
                  number(median.p99Micros()),
                  String.format(Locale.ROOT, "%.1f", median.cpuMicrosPerOperation()),
                  number(median.bytesPerOperation()),
                  measures.stream().map(round -> number(round.perSecond())).collect(Collectors.joining(" "))
                      + (subject.handWritten() ? "" : "; " + ratios(median))));
        });
    return table.toString();
  }

  private String ratios(Measure median) {
    return rounds.entrySet().stream()
        .filter(other -> other.getKey().handWritten())
        .map(
            other ->
                String.format(
                    Locale.ROOT, "%.2f of %s", median.perSecond() / Measure.median(other.getValue()).perSecond(), other.getKey().name()))
        .collect(Collectors.joining(", "));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String line(Object... columns) {
    return String.format("%-9s %-15s %-14s %10s %9s %9s %9s %9s  %s%n", columns);
  }
}
