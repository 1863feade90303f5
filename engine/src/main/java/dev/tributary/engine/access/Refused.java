package dev.tributary.engine.access;

import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.error.UnsupportedFeatureException;
import java.util.function.Function;

/** What somebody may not do, or what makes no sense. Its message is what a server says. */
public final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Why why;

  private Refused(Why why, String text) {
    super(text, null, false, false);
    this.why = why;
  }

  private enum Why {
    OFF("There are no users here: make some administrator first", UnsupportedFeatureException::new),
    STRANGER("Configure a user and a password", UnauthenticatedException::new),
    DISABLED("Ask an administrator to enable the user", UnauthenticatedException::new),
    UNKNOWN("Check the user and the password", UnauthenticatedException::new),
    FORBIDDEN("Ask an administrator for a role that may do this", PermissionDeniedException::new),
    ABSENT("Look at the users there are", NotFoundException::new),
    THERE("Use the one that is there, or another name", AlreadyExistsException::new),
    ABSURD("Ask for something else", InvalidRequestException::new);

    private final String hint;
    private final Function<ErrorInfo, TributaryException> kind;

    Why(String hint, Function<ErrorInfo, TributaryException> kind) {
      this.hint = hint;
      this.kind = kind;
    }
  }

  static Refused off() {
    return new Refused(Why.OFF, "authentication is not enabled");
  }

  static Refused stranger() {
    return new Refused(Why.STRANGER, "authentication required");
  }

  static Refused disabled() {
    return new Refused(Why.DISABLED, "user account is disabled");
  }

  static Refused unknown() {
    return new Refused(Why.UNKNOWN, "invalid username or password");
  }

  static Refused wrongPassword() {
    return new Refused(Why.UNKNOWN, "invalid current password");
  }

  static Refused forbidden() {
    return new Refused(Why.FORBIDDEN, "unauthorized");
  }

  static Refused absent(String user) {
    return new Refused(Why.ABSENT, "user \"" + user + "\" not found");
  }

  static Refused there(String user) {
    return new Refused(Why.THERE, "user \"" + user + "\" already exists");
  }

  static Refused absurd(String text) {
    return new Refused(Why.ABSURD, text);
  }

  /** What a server says. */
  public String text() {
    return String.valueOf(getMessage());
  }

  /** Whether somebody who is let in under another name may do it. */
  public boolean turnsAway() {
    return why == Why.STRANGER || why == Why.DISABLED;
  }

  /** What a client is told. */
  public TributaryException error() {
    return why.kind.apply(ErrorInfo.of(text(), why.hint));
  }
}
