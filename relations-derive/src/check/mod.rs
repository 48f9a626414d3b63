//! The rules that the derive can check by itself. Each rule is one function.

mod all_but;
mod deferrable;
mod distribution;
mod from_row;
mod generated;
mod generated_struct;
mod indexes;
mod key_array;
mod keys;
mod one_of;
mod properties;
mod read_only;
mod relations;
mod soft_delete;
mod stamps;
mod tenant;
mod unique;
mod value;

use crate::error::Errors;
use crate::model::Entity;

pub(crate) use from_row::all as from_row;
pub(crate) use keys::MOST_PARTS;
pub(crate) use value::all as value;

/// Drops the wrong parts of an entity, so that a stub with the rest is generated.
pub(crate) fn keep_what_can_stand(entity: &mut Entity) {
    properties::keep_sound(entity);
    generated_struct::keep_sound(entity);
    all_but::keep_sound(entity);
    relations::keep_free_names(entity);
    one_of::keep_sound(entity);
}

/// All rules of an entity.
pub(crate) fn all(errors: &mut Errors, entity: &Entity) {
    keys::entity_has_a_key(errors, entity);
    read_only::rows_are_of_one_kind(errors, entity);
    read_only::nothing_is_written(errors, entity);
    read_only::a_view_defines_nothing(errors, entity);
    read_only::a_view_has_no_constraint(errors, entity);
    read_only::relations_begin_at_a_key(errors, entity);
    keys::key_is_not_null(errors, entity);
    keys::one_key_is_generated(errors, entity);
    keys::generated_key_has_no_default(errors, entity);
    keys::generated_key_is_an_integer(errors, entity);
    keys::key_has_few_parts(errors, entity);
    keys::unique_says_something(errors, entity);
    keys::index_says_something(errors, entity);
    keys::id_has_one_name(errors, entity);

    unique::keys_are_properties(errors, entity);
    unique::keys_name_a_property_once(errors, entity);
    unique::keys_of_one_property_have_a_filter(errors, entity);
    unique::keys_say_something(errors, entity);
    unique::keys_have_names_of_their_own(errors, entity);
    deferrable::deferrable_keys_hold_for_all_rows(errors, entity);

    indexes::indexes_are_of_properties(errors, entity);
    indexes::indexes_name_a_property_once(errors, entity);
    indexes::indexes_of_one_property_say_more(errors, entity);
    indexes::indexes_differ(errors, entity);
    indexes::checks_differ(errors, entity);

    properties::fields_are_shared(errors, entity);
    properties::arrays_are_flat(errors, entity);
    properties::constants_differ(errors, entity);
    properties::columns_differ(errors, entity);

    stamps::a_property_is_stamped_once(errors, entity);
    stamps::each_stamp_is_on_one_property(errors, entity);
    stamps::a_stamp_is_no_id(errors, entity);
    stamps::a_stamp_is_no_foreign_key(errors, entity);
    stamps::a_stamp_is_not_null(errors, entity);
    stamps::a_stamp_has_no_default(errors, entity);

    tenant::a_row_has_one_tenant(errors, entity);
    tenant::a_tenant_is_given(errors, entity);

    distribution::rows_are_distributed_in_one_way(errors, entity);
    distribution::rows_are_distributed_by_a_property(errors, entity);
    distribution::the_id_holds_the_distribution(errors, entity);
    distribution::unique_keys_hold_the_distribution(errors, entity);
    distribution::generated_ids_are_big(errors, entity);
    distribution::actions_leave_the_distribution_alone(errors, entity);

    soft_delete::a_deletion_is_null_before(errors, entity);
    soft_delete::keys_with_deleted_rows_have_some(errors, entity);
    soft_delete::keys_leave_out_the_time_of_deletion(errors, entity);

    generated::a_generated_column_is_no_id(errors, entity);
    generated::a_generated_column_has_no_default(errors, entity);
    generated::a_generated_column_is_no_stamp(errors, entity);
    generated::a_generated_column_is_no_foreign_key(errors, entity);

    generated_struct::derives_differ(errors, entity);
    generated_struct::new_rows_can_be_read(errors, entity);
    generated_struct::fields_can_be_written(errors, entity);
    generated_struct::patches_change_something(errors, entity);

    all_but::what_is_left_out_are_properties(errors, entity);
    all_but::a_property_is_left_out_once(errors, entity);
    all_but::something_is_left(errors, entity);
    all_but::structs_have_names_of_their_own(errors, entity);

    relations::names_are_free(errors, entity);
    relations::sources_are_properties(errors, entity);
    relations::keys_name_a_property_once(errors, entity);
    relations::keys_have_equal_length(errors, entity);
    relations::keys_have_few_parts(errors, entity);
    relations::composite_keys_name_both_sides(errors, entity);
    key_array::arrays_are_the_only_key(errors, entity);
    key_array::elements_are_keys_of_one_property(errors, entity);
    relations::links_lead_to_their_own_keys(errors, entity);
    relations::links_have_two_ends(errors, entity);
    relations::actions_have_a_constraint(errors, entity);
    relations::set_null_can_be_null(errors, entity);
    relations::set_default_has_a_default(errors, entity);

    one_of::all(errors, entity);
}
