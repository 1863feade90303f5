package dev.tributary.access;

import java.util.Set;

/**
 * A role that users may have.
 *
 * @param name how users name it
 * @param permissions what it allows, on every resource; those that this client does not know are left out
 * @param description what it is for, in the backend's words
 */
public record Role(String name, Set<Permission> permissions, String description) {
  public Role {
    permissions = Set.copyOf(permissions);
  }
}
