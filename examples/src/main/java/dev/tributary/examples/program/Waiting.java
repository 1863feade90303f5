package dev.tributary.examples.program;

import dev.tributary.Tributary;
import java.io.PrintStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Says after a second that something is still waited for, so that nobody takes patience for a standstill. */
public final class Waiting {
  private final PrintStream out;
  private final String what;
  private boolean over;

  private Waiting(PrintStream out, String what) {
    this.out = out;
    this.what = what;
  }

  /**
   * For the first answer to a client, as long as a call of it may take.
   *
   * @throws Program.Failure if there is none
   */
  public static void forAnswer(Tributary client) {
    String server = client.config().toString();
    long seconds = client.config().timeout().toSeconds();
    Waiting patience = begin(System.out, server + " does not answer yet; trying on, for " + seconds + " s", 1_000);
    try {
      if (!client.health().live().join()) {
        throw new Program.Failure(server + " did not answer within " + seconds + " s: check that a server listens there, and speaks that protocol");
      }
    } finally {
      patience.close();
    }
  }

  static Waiting begin(PrintStream out, String what, long millis) {
    Waiting waiting = new Waiting(out, what);
    CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(waiting::say);
    return waiting;
  }

  private synchronized void say() {
    if (!over) {
      out.println(what);
    }
  }

  /** It came: nothing is said any more. */
  synchronized void close() {
    over = true;
  }
}
