package dev.tributary.examples.bench;

import dev.tributary.examples.program.Program;
import java.io.IOException;
import java.util.Locale;

/**
 * Measures each operation of the SDK beside the same call written by hand: in turns, in one run, against one server in a process of its
 * own, and prints medians, every round, and ratios. System properties: {@code backend} (some of {@link Backend#ALL}, separated by commas;
 * default all), {@code uri} (a server that runs; default: one is started), {@code seconds} of each measurement (default 2),
 * {@code warmups} and {@code rounds} (default 1 and 3), {@code inflight} (default 64), {@code bytes} of a payload (default 256), {@code only} (an operation's name).
 */
public final class BenchMain {
  private BenchMain() {}

  /** Measures and prints. */
  public static void main(String[] args) {
    Program.run("measuring the SDK beside clients written by hand; the first figures come when all have had their turns", BenchMain::measure);
  }

  private static boolean measure() throws IOException {
    Settings settings = Settings.fromSystemProperties();
    System.out.printf(
        Locale.ROOT,
        "%d bytes a payload, %d calls in flight, one connection each (over HTTP four), medians of %d rounds of %.1f s%n%n%s",
        settings.payloadBytes(), settings.inFlight(), settings.rounds(), settings.seconds(), Comparison.header());
    new Bench(settings).run(comparison -> System.out.print(comparison.table()));
    return true;
  }
}
