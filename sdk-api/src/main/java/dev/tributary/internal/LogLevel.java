package dev.tributary.internal;

import dev.tributary.error.InvalidRequestException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** How much the process logs of this library, where the platform's own logging is in use. */
final class LogLevel {
  private static final String PLATFORM = "java.logging";

  private LogLevel() {}

  /**
   * Sets it, for all clients of the process.
   *
   * @throws InvalidRequestException if another logging library is in use
   */
  static void set(System.Logger.Level level) {
    Class<?> finder = System.LoggerFinder.getLoggerFinder().getClass();
    if (!PLATFORM.equals(finder.getModule().getName())) {
      throw InvalidRequestException.of(
          "log-level is for java.util.logging, but this process logs by " + finder.getName(),
          "Leave log-level out, and set the level of the logger dev.tributary where that one is configured, or add the module java.logging");
    }
    Platform.LOGGER.setLevel(
        switch (level) {
          case ALL -> Level.ALL;
          case TRACE -> Level.FINER;
          case DEBUG -> Level.FINE;
          case INFO -> Level.INFO;
          case WARNING -> Level.WARNING;
          case ERROR -> Level.SEVERE;
          case OFF -> Level.OFF;
        });
  }

  /** Loaded only where there is java.util.logging; kept, because the platform itself forgets a logger that nobody holds. */
  private static final class Platform {
    static final Logger LOGGER = Logger.getLogger("dev.tributary");
  }
}
