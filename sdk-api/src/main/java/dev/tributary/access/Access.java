package dev.tributary.access;

import dev.tributary.config.Credentials.UserPassword;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Users, what they may do, and what they did. All but {@link #whoAmI} and {@link #changePassword} may need {@link Permission#ADMIN}. Where the
 * backend asks nobody who they are, calls fail with {@code UnsupportedFeatureException}; where the client has no user and password, with
 * {@code UnauthenticatedException}, before anything is sent. Names of users and roles have 1 to 255 characters, passwords 1 to 1,000.
 */
public interface Access {
  /** Whom the backend takes this client for; empty if it does not know. */
  CompletableFuture<Optional<Identity>> whoAmI();

  /** The roles that there are. */
  CompletableFuture<List<Role>> roles();

  /** Makes a user; fails with {@code AlreadyExistsException} if there is one of this name. */
  CompletableFuture<User> createUser(UserPassword user, Set<String> roles);

  /** A user; fails with {@code NotFoundException} if there is none. */
  CompletableFuture<User> user(String name);

  /** All users, by name. */
  CompletableFuture<List<User>> users();

  /**
   * Has a user these roles and no others, and lets it in or not, which counts at once, also for connections that it has.
   *
   * @return what the user is now; fails with {@code NotFoundException} if there is none
   */
  CompletableFuture<User> updateUser(User user);

  /** Deletes a user; fails with {@code NotFoundException} if there is none, and with {@code InvalidRequestException} for one's own. */
  CompletableFuture<Void> deleteUser(String name);

  /**
   * Changes this client's own password; fails with {@code UnauthenticatedException} if {@code current} is not the one it has. The client goes on with
   * what it was configured with: give it a provider of credentials that knows the new one.
   */
  CompletableFuture<Void> changePassword(String current, String next);

  /** Gives another user a password, as an administrator; fails with {@code NotFoundException} if there is none of this name. */
  CompletableFuture<Void> setPassword(UserPassword user);

  /** Sets who may use a resource, in place of what was set before; the resource need not be there. */
  CompletableFuture<Void> setAcl(Acl acl);

  /** Who may use a resource; empty if nobody said so: then the backend has a rule for all such resources. */
  CompletableFuture<Optional<Acl>> acl(String resource);

  /** All that are set, by resource. */
  CompletableFuture<List<Acl>> acls();

  /** Has a resource none any more; none is no error. */
  CompletableFuture<Void> deleteAcl(String resource);

  /** Who did what. */
  Audit audit();
}
