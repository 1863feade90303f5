package dev.tributary.examples.program;

import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.TributaryException;
import java.io.PrintStream;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** How every program here begins and ends: with a line at once, and, whatever goes wrong, with a sentence and an exit code. */
public final class Program {
  /** The exit code when something went wrong on the way. */
  public static final int FAILED = 1;
  /** The exit code when it cannot be done as it was asked for. */
  public static final int REFUSED = 2;

  private static final int STOPPED = 143;

  /** What a program does. */
  @FunctionalInterface
  public interface Body {
    /** Whether all went well. */
    boolean run() throws Exception;
  }

  /** What went wrong, where the sentence says all there is to know. */
  public static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the sentence. */
    public Failure(String sentence) {
      super(sentence);
    }
  }

  private Program() {}

  /** Says what begins, does it, and ends the process if that did not go well. */
  public static void run(String beginning, Body body) {
    // Warnings of the SDK in one line, unless the process is told otherwise.
    if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
      System.setProperty("java.util.logging.SimpleFormatter.format", "%4$s %3$s: %5$s%n");
    }
    System.out.println(beginning);
    if (Boolean.getBoolean("withParent")) {
      endWithParent();
    }
    int code = code(body, System.err);
    if (code != 0) {
      System.exit(code);
    }
  }

  /** The exit code; other than 0 after one sentence, and after the stack of what nobody expects. */
  static int code(Body body, PrintStream errors) {
    try {
      return body.run() ? 0 : FAILED;
    } catch (InvalidRequestException wrong) {
      errors.println(wrong.getMessage());
      return REFUSED;
    } catch (Throwable thrown) {
      Throwable why = thrown;
      while ((why instanceof CompletionException || why instanceof ExecutionException) && why.getCause() != null) {
        why = why.getCause();
      }
      if (why instanceof TributaryException || why instanceof Failure) {
        errors.println(why.getMessage());
      } else {
        errors.println("this should not happen: " + why);
        why.printStackTrace(errors);
      }
      return why instanceof InvalidRequestException ? REFUSED : FAILED;
    }
  }

  /** Ends when the process does that started this one, however that ends: Maven for one does not pass signals on. */
  private static void endWithParent() {
    ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(STOPPED)));
  }
}
