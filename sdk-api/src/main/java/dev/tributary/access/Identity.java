package dev.tributary.access;

import java.util.Set;

/**
 * Whom the backend takes a client for.
 *
 * @param user the name that it logged in with
 * @param roles the user's roles
 */
public record Identity(String user, Set<String> roles) {
  public Identity {
    roles = Set.copyOf(roles);
  }
}
