package dev.tributary.examples.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this process has spent so far.
 *
 * @param cpuNanos of all cores, the collector's and the compiler's share included
 * @param bytes allocated by the threads that live
 */
record Spending(long cpuNanos, long bytes) {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final OperatingSystemMXBean PROCESS = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  static Spending soFar() {
    long bytes = 0;
    for (long ofThread : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
      bytes += Math.max(0, ofThread);
    }
    return new Spending(PROCESS.getProcessCpuTime(), bytes);
  }

  Spending since(Spending before) {
    return new Spending(cpuNanos - before.cpuNanos, bytes - before.bytes);
  }
}
