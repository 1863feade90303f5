package dev.tributary.examples.bench;

import java.util.Comparator;
import java.util.List;

/**
 * What was measured of one operation.
 *
 * @param perSecond operations a second
 * @param p50Micros median latency of a call
 * @param p99Micros 99th percentile of the latency of a call
 * @param cpuMicrosPerOperation of the client's process; other work on the machine moves it less than the throughput
 * @param bytesPerOperation allocated by the client's process for each operation
 */
record Measure(double perSecond, double p50Micros, double p99Micros, double cpuMicrosPerOperation, double bytesPerOperation) {
  /** The run in the middle by throughput. */
  static Measure median(List<Measure> runs) {
    return runs.stream().sorted(Comparator.comparingDouble(Measure::perSecond)).toList().get(runs.size() / 2);
  }
}
