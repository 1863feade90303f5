package dev.tributary.access;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A user, without the password. To change one, read it, change that, and give it to {@link Access#updateUser}.
 *
 * @param name unique, 1 to 255 characters
 * @param roles at most 100; one that the backend does not know allows only what an {@link Acl} says
 * @param enabled whether the user is let in
 * @param created when it was made, or null if the backend does not say
 * @param updated when it was changed last, or null if the backend does not say
 */
public record User(String name, Set<String> roles, boolean enabled, @Nullable Instant created, @Nullable Instant updated) {
  public User {
    roles = Set.copyOf(roles);
  }

  /** The same with these roles and no others. */
  public User withRoles(Set<String> only) {
    return new User(name, only, enabled, created, updated);
  }

  /** The same, let in or not. */
  public User withEnabled(boolean letIn) {
    return new User(name, roles, letIn, created, updated);
  }
}
