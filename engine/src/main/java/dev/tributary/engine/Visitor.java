package dev.tributary.engine;

import dev.tributary.ResourceName;
import dev.tributary.access.Identity;
import dev.tributary.access.Permission;
import dev.tributary.config.Credentials;
import dev.tributary.config.Credentials.UserPassword;
import dev.tributary.engine.access.Directory;
import dev.tributary.engine.access.Refused;
import dev.tributary.engine.access.Trail;
import dev.tributary.engine.access.Trail.Actor;
import dev.tributary.engine.access.Trail.Deed;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.UnauthenticatedException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection: found out at the first call, and again when somebody is turned away whose provider of credentials may say
 * something else. Whoever owns the engine may do everything, and is not written down. Thread-safe.
 */
final class Visitor {
  private static final String NODE = ClusterCalls.NODE.id();

  private final Directory directory;
  private final Trail trail;
  private final Credentials.@Nullable Provider provider;
  private @Nullable String name;

  /** {@code provider} says who it is; null for the owner. */
  Visitor(Directory directory, Trail trail, Credentials.@Nullable Provider provider) {
    this.directory = directory;
    this.trail = trail;
    this.provider = provider;
  }

  /** Does something as whoever it is, null for nobody; never inside, since knowing a password takes a while. */
  <R> R as(Function<@Nullable String, R> work) {
    String who = name();
    try {
      return work.apply(who);
    } catch (Refused refused) {
      if (who == null || !refused.turnsAway() || provider instanceof Credentials.Fixed) {
        throw refused;
      }
      forget(who);
      return work.apply(name());
    }
  }

  private synchronized void forget(String who) {
    if (who.equals(name)) {
      name = null;
    }
  }

  private synchronized @Nullable String name() {
    if (name == null && provider != null && directory.on() && credentials(provider) instanceof UserPassword claimed) {
      try {
        name = directory.login(claimed).user();
        trail.loggedIn(actor(name));
      } catch (Refused refused) {
        trail.notLoggedIn(actor(claimed.user()), refused.text());
        throw refused;
      }
    }
    return name;
  }

  private static Credentials credentials(Credentials.Provider provider) {
    CompletableFuture<Credentials> given = provider.credentials().toCompletableFuture();
    if (!given.isDone() || given.isCompletedExceptionally()) {
      throw new UnauthenticatedException(
          ErrorInfo.of("the credentials were not there at once", "The engine has no threads to wait on: give it some that are known"));
    }
    Credentials credentials = given.join();
    if (credentials instanceof Credentials.Token) {
      throw InvalidRequestException.of("the engine takes a user with a password, not a token", "Use new Credentials.UserPassword(…)");
    }
    return credentials;
  }

  /** Refuses what somebody may not do, and writes that down. */
  void check(@Nullable String who, @Nullable Permission permission, @Nullable ResourceName resource) {
    try {
      look(who, permission, resource);
    } catch (Refused refused) {
      String action = permission == null ? "login" : permission.name().toLowerCase(Locale.ROOT);
      trail.denied(action, resource == null ? "" : resource.toString(), actor(who), refused.text());
      throw refused;
    }
  }

  /** Refuses what somebody may not do. */
  void look(@Nullable String who, @Nullable Permission permission, @Nullable ResourceName resource) {
    if (provider != null) {
      directory.check(who, permission, resource);
    }
  }

  /** Whom it was found to be; empty if that is nobody any more. */
  Optional<Identity> identity(@Nullable String who) {
    return directory.who(who);
  }

  /** It did this. */
  void did(@Nullable String who, Deed deed) {
    if (provider != null) {
      trail.did(deed, actor(who));
    }
  }

  private static Actor actor(@Nullable String who) {
    return new Actor(who, "", NODE);
  }
}
