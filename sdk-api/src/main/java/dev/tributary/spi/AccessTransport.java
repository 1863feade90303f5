package dev.tributary.spi;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.access.Acl;
import dev.tributary.access.AuditEvent;
import dev.tributary.access.AuditQuery;
import dev.tributary.access.Identity;
import dev.tributary.access.Role;
import dev.tributary.access.User;
import dev.tributary.config.Credentials.UserPassword;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Users of a backend, what they may do, and what they did. A resource of an {@link Acl} is its full name here. See {@link Transport} for what
 * holds for every method.
 */
public interface AccessTransport {
  /** Whom the backend takes this client for; empty if it does not know. */
  CompletableFuture<Optional<Identity>> whoAmI(Deadline deadline);

  /** The roles that there are. */
  CompletableFuture<List<Role>> roles(Deadline deadline);

  /** Makes a user; {@code AlreadyExistsException} if there is one. */
  CompletableFuture<User> createUser(UserPassword user, Set<String> roles, Deadline deadline);

  /** A user; {@code NotFoundException} if there is none. */
  CompletableFuture<User> user(String name, Deadline deadline);

  /** All users, by name. */
  CompletableFuture<List<User>> users(Deadline deadline);

  /** Has a user these roles, and lets it in or not; {@code NotFoundException} if there is none. */
  CompletableFuture<User> updateUser(User user, Deadline deadline);

  /** Deletes a user; {@code NotFoundException} if there is none. */
  CompletableFuture<Void> deleteUser(String name, Deadline deadline);

  /** Changes the password of the client's own user, who is {@code current} with its password; {@code UnauthenticatedException} if it is not. */
  CompletableFuture<Void> changePassword(UserPassword current, UserPassword next, Deadline deadline);

  /** Gives another user a password; {@code NotFoundException} if there is none. */
  CompletableFuture<Void> setPassword(UserPassword user, Deadline deadline);

  /** Sets who may use a resource. */
  CompletableFuture<Void> setAcl(ResourceName resource, Acl acl, Deadline deadline);

  /** Who may use a resource; empty if that was not set. */
  CompletableFuture<Optional<Acl>> acl(ResourceName resource, Deadline deadline);

  /** All that are set, by resource. */
  CompletableFuture<List<Acl>> acls(Deadline deadline);

  /** Has a resource none any more; none is no error. */
  CompletableFuture<Void> deleteAcl(ResourceName resource, Deadline deadline);

  /**
   * What a query finds, the newest first, from where a page before ended, with {@code AUDIT}. The query's limit and the event that it wants older
   * ones of are the caller's concern.
   *
   * @param from 0 for the first page, else what the page before said comes next
   * @param max the most events
   */
  default CompletableFuture<AuditPage> audit(AuditQuery query, int from, int max, Deadline deadline) {
    throw Unsupported.without(Capability.AUDIT);
  }

  /**
   * Some events. What happened meanwhile moves all others, so that the next page may begin with some of these.
   *
   * @param events fewer than asked for, or none, also where more follow
   * @param next where the next page begins, more than where this one did; empty if this was the last
   */
  record AuditPage(List<AuditEvent> events, OptionalInt next) {
    public AuditPage {
      events = List.copyOf(events);
    }
  }
}
